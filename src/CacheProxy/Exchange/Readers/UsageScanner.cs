using System.Buffers;
using System.Text;
using System.Text.Json;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Readers;

/// <summary>
/// Reads usage out of an answer while its bytes pass, in whatever pieces, without keeping them: what is kept is one usage object at a time (16 KiB at
/// most) and the token under the cursor. Only names where the dialects have them count, whatever the texts, tools and schemas in between are called.
/// </summary>
/// <remarks>About a nanosecond a byte in JSON's punctuation and a tenth of that inside texts. Bytes that are no JSON give unknown counts, and never a fault.</remarks>
public sealed class UsageScanner(Dialect dialect, bool isStream)
{
    private const int MostUsageBytes = 16 * 1024;
    private const int MostTokenBytes = 128;

    private static readonly SearchValues<byte> s_inText = SearchValues.Create("\"\\\n"u8);

    // Without the comma: a vector of a thousand numbers is one step. Whether there was one is asked of what lies in between.
    private static readonly SearchValues<byte> s_structure = SearchValues.Create("\"{}[]:\n"u8);

    private readonly byte[] _token = new byte[MostTokenBytes];
    private byte[] _usage = [];
    private int _usageLength;
    private byte[]? _told;
    private byte[]? _toldFirst;
    private bool _isInUsage;
    private int _tokenLength;
    private int _depth;
    private int _usageDepth;
    private bool _isInText;
    private bool _isEscaped;
    private bool _isValue;
    private bool _isAfterType;
    private Place _place;
    private Wanted _wanted;
    private ServiceTier _tier;
    private HostedTools _tools;
    private bool _isUsageFinal;

    /// <summary>The model as the upstream named it; null: it did not.</summary>
    public string? Model { get; private set; }

    /// <summary>A usage has been told, whatever is in it.</summary>
    public bool HasUsage => _told is not null;

    /// <summary>A stream has said its end.</summary>
    public bool HasEnded { get; private set; }

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int used = _isInText ? PassText(bytes) : PassStructure(bytes);
            bytes = bytes[used..];
        }
    }

    /// <summary>What has been said so far.</summary>
    /// <param name="isWhole">The answer has come to its end; of one that was cut only what its dialect says at the very end counts.</param>
    public TokenCounts Counts(bool isWhole)
    {
        if (_told is not { } told || !(isWhole || !isStream || HasEnded || _isUsageFinal))
        {
            return TokenCounts.Unknown with { Tier = _tier, Extras = _tools.Extras };
        }

        try
        {
            using JsonDocument usage = JsonDocument.Parse(_toldFirst is { } first ? Merge(first, told) : told);
            return UsageReader.ReadCounts(usage.RootElement, dialect, _tier, _tools);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return TokenCounts.Unknown;
        }
    }

    // Anthropic tells the prompt first and the rest at the end; what comes later counts, unless it is null.
    private static byte[] Merge(byte[] first, byte[] last)
    {
        using JsonDocument before = JsonDocument.Parse(first), after = JsonDocument.Parse(last);
        var buffer = new ArrayBufferWriter<byte>(first.Length + last.Length);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (JsonProperty property in before.RootElement.EnumerateObject())
            {
                if (!after.RootElement.TryGetProperty(property.Name, out JsonElement later) || later.ValueKind == JsonValueKind.Null)
                {
                    property.WriteTo(json);
                }
            }

            foreach (JsonProperty property in after.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    property.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private int PassText(ReadOnlySpan<byte> bytes)
    {
        int at;
        if (_isEscaped)
        {
            _isEscaped = false;
            at = 1;
        }
        else
        {
            at = bytes.IndexOfAny(s_inText);
            if (at < 0)
            {
                at = bytes.Length;
            }
            else if (bytes[at] == (byte)'\\')
            {
                _isEscaped = true;
                at++;
            }
            else if (bytes[at] == (byte)'"')
            {
                Keep(bytes[..at]);
                CopyToUsage(bytes[..(at + 1)]);
                EndText();
                return at + 1;
            }
            else
            {
                // No JSON text goes over a line: what was open is something else.
                at++;
                _isInText = false;
                Step((byte)'\n');
            }
        }

        Keep(bytes[..at]);
        CopyToUsage(bytes[..at]);
        return at;
    }

    private int PassStructure(ReadOnlySpan<byte> bytes)
    {
        int at = bytes.IndexOfAny(s_structure);
        ReadOnlySpan<byte> between = at < 0 ? bytes : bytes[..at];
        if (between.Contains((byte)','))
        {
            (_isValue, _wanted, _isAfterType) = (false, Wanted.Nothing, false);
        }

        NoteDone(between);
        if (at < 0)
        {
            CopyToUsage(bytes);
            return bytes.Length;
        }

        byte next = bytes[at];
        if (next == (byte)'{' && !_isInUsage && _wanted == Wanted.Usage && _isValue)
        {
            (_isInUsage, _usageLength, _usageDepth) = (true, 0, _depth);
            CopyToUsage("{"u8);
        }
        else
        {
            CopyToUsage(bytes[..(at + 1)]);
        }

        Step(next);
        return at + 1;
    }

    private void Step(byte next)
    {
        switch (next)
        {
            case (byte)'"':
                _isInText = true;
                _tokenLength = 0;
                break;
            case (byte)'{' or (byte)'[':
                _depth++;
                Enter();
                break;
            case (byte)'}' or (byte)']':
                _depth = Math.Max(0, _depth - 1);
                (_isValue, _wanted) = (false, Wanted.Nothing);
                if (_depth <= 1)
                {
                    _place = Place.Top;
                }

                EndUsage();
                break;
            case (byte)':':
                _isValue = true;
                break;
            case (byte)'\n' when isStream:
                // A new line of an event stream: whatever was open is not JSON, or not whole.
                (_depth, _isInUsage, _isValue, _wanted, _place, _isAfterType) = (0, false, false, Wanted.Nothing, Place.Top, false);
                break;
        }
    }

    // Only the top object, and the answer inside an event, are where usage, model and tier are told.
    private void Enter()
    {
        if (_depth == 2)
        {
            _place = _wanted == Wanted.Answer ? Place.Answer : Place.Elsewhere;
        }

        (_isValue, _wanted, _isAfterType) = (false, Wanted.Nothing, false);
    }

    private void EndText()
    {
        _isInText = false;
        ReadOnlySpan<byte> text = _token.AsSpan(0, Math.Min(_tokenLength, MostTokenBytes));
        if (_tokenLength > MostTokenBytes)
        {
            text = default;
        }

        if (_isValue)
        {
            TakeValue(text);
            return;
        }

        _isAfterType = text.SequenceEqual("type"u8);
        _wanted = _depth == 1 || (_depth == 2 && _place == Place.Answer) ? WantedOf(text) : Wanted.Nothing;
    }

    private Wanted WantedOf(ReadOnlySpan<byte> name)
        => name.SequenceEqual("usage"u8) ? Wanted.Usage
            : name.SequenceEqual("model"u8) ? Wanted.Model
            : name.SequenceEqual("service_tier"u8) ? Wanted.Tier
            : _depth == 1 && isStream && (name.SequenceEqual("response"u8) || name.SequenceEqual("message"u8)) ? Wanted.Answer
            : Wanted.Nothing;

    private void TakeValue(ReadOnlySpan<byte> text)
    {
        switch (_wanted)
        {
            case Wanted.Model when text.Length > 0:
                Model = SharedText.Of(Encoding.UTF8.GetString(text));
                break;
            case Wanted.Tier:
                _tier = UsageReader.TierOf(Encoding.UTF8.GetString(text));
                break;
        }

        if (_isAfterType)
        {
            _tools = _tools.With(text);
            HasEnded |= _depth == 1 && isStream && text.SequenceEqual("message_stop"u8);
        }
    }

    private void EndUsage()
    {
        if (!_isInUsage || _depth != _usageDepth)
        {
            return;
        }

        _isInUsage = false;
        _toldFirst ??= dialect == Dialect.AnthropicMessages ? _told : null;
        _told = _usage[.._usageLength];
        _isUsageFinal = isStream && (dialect == Dialect.AnthropicMessages ? _depth == 1 : dialect == Dialect.OpenAIResponses);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_tokenLength + bytes.Length <= MostTokenBytes)
        {
            bytes.CopyTo(_token.AsSpan(_tokenLength));
        }

        _tokenLength = Math.Min(_tokenLength + bytes.Length, MostTokenBytes + 1);
    }

    private void CopyToUsage(ReadOnlySpan<byte> bytes)
    {
        if (!_isInUsage)
        {
            return;
        }

        int length = _usageLength + bytes.Length;
        if (length > MostUsageBytes)
        {
            _isInUsage = false;
            return;
        }

        if (length > _usage.Length)
        {
            Array.Resize(ref _usage, Math.Max(length, 2 * Math.Max(128, _usage.Length)));
        }

        bytes.CopyTo(_usage.AsSpan(_usageLength));
        _usageLength = length;
    }

    // data: [DONE]
    private void NoteDone(ReadOnlySpan<byte> bytes) => HasEnded |= isStream && _depth == 1 && !_isValue && bytes.SequenceEqual("DONE"u8);

    private enum Wanted : byte
    {
        Nothing,
        Usage,
        Model,
        Tier,

        /// <summary>The whole answer, inside an event that tells of it.</summary>
        Answer,
    }

    private enum Place : byte
    {
        Top,
        Answer,
        Elsewhere,
    }
}
