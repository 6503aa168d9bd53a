using System.Text.Json;
using System.Text.Unicode;
using CacheProxy.Fingerprint;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Embeddings;

/// <summary>
/// Reads an embedding request once, without a DOM: the inputs one by one, everything else as one canonical value. Refuses what cannot be
/// routed (no JSON, no model); what else is wrong with it is the upstream's to say. Reused; one per thread.
/// </summary>
internal sealed class EmbeddingRequestReader
{
    private readonly List<int> _ends = [];
    private bool _isReadable;
    private bool _hasInput;
    private bool _hasModel;

    /// <summary>All fields that can change a vector but input and model; more may be appended.</summary>
    public CanonicalBuffer Parameters { get; } = new();

    /// <summary>The inputs' canonical bytes, one after the other; see <see cref="EndOf"/>.</summary>
    public CanonicalBuffer InputBytes { get; } = new();

    public List<EmbeddingInput> Inputs { get; } = [];

    public string Model { get; private set; } = "";

    public string? User { get; private set; }

    public bool IsBase64 { get; private set; }

    public int? Dimensions { get; private set; }

    public int InputStart { get; private set; }

    public int InputEnd { get; private set; }

    /// <summary>The cache understands all of it: input and encoding are what the API has, and no name comes twice.</summary>
    public bool IsCacheable => _isReadable && Inputs.Count > 0 && !Parameters.HasDuplicateNames;

    /// <summary>Where an input's bytes end in <see cref="InputBytes"/>; they begin where the former's end.</summary>
    public int EndOf(int input) => _ends[input];

    /// <summary>Null: read. Otherwise why it cannot be.</summary>
    public RequestError? Read(ReadOnlySpan<byte> body)
    {
        Parameters.Clear();
        InputBytes.Clear();
        Inputs.Clear();
        _ends.Clear();
        (_isReadable, _hasInput, _hasModel) = (true, false, false);
        (Model, User, IsBase64, Dimensions) = ("", null, false, null);
        if (!Utf8.IsValid(body))
        {
            return new RequestError("The request body is not valid UTF-8.", null, "invalid_json");
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            return ReadRequest(ref reader);
        }
        catch (JsonException exception)
        {
            return RequestError.MalformedJson(exception);
        }
        catch (InvalidOperationException)
        {
            return new RequestError("The request body holds an invalid string: half of a surrogate pair.", null, "invalid_json");
        }
    }

    private RequestError? ReadRequest(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new RequestError("The request body must be a JSON object.", null, "invalid_type");
        }

        bool hasEncoding = false, hasUser = false, hasDimensions = false;
        int first = Parameters.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = Parameters.Length;
            ReadOnlySpan<byte> name = Parameters.WriteString(ref reader);
            if (name.SequenceEqual("input"u8))
            {
                Note(ref _hasInput);
                reader.Read();
                ReadInput(ref reader);
            }
            else if (name.SequenceEqual("encoding_format"u8))
            {
                Note(ref hasEncoding);
                reader.Read();
                ReadEncoding(ref reader);
            }
            else if (name.SequenceEqual("user"u8))
            {
                Note(ref hasUser);
                reader.Read();
                User = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else if (name.SequenceEqual("dimensions"u8))
            {
                Note(ref hasDimensions);
                reader.Read();
                if (ReadDimensions(ref reader))
                {
                    Parameters.AddMember(start);
                    continue;
                }
            }
            else if (name.SequenceEqual("model"u8))
            {
                Note(ref _hasModel);
                reader.Read();
                if (ReadModel(ref reader) is { } error)
                {
                    return error;
                }
            }
            else
            {
                reader.Read();
                Parameters.WriteValue(ref reader, verbatim: false);
                Parameters.AddMember(start);
                continue;
            }

            Parameters.Truncate(start);
        }

        // Read to the end: bytes after the object make the body no JSON.
        reader.Read();
        Parameters.EndObject(first, keepOrder: false, -1);
        return _hasModel ? null : RequestError.Missing("model");
    }

    private RequestError? ReadModel(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return RequestError.WrongType("model", "a string", reader.TokenType.ToString().ToLowerInvariant());
        }

        Model = reader.GetString()!;
        return Model.Length > 0 ? null : RequestError.InvalidValue("model", "it is empty.");
    }

    // False: null, which is the same as leaving it out.
    private bool ReadDimensions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return false;
        }

        int dimensions = 0;
        _isReadable &= reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out dimensions);
        Dimensions = dimensions;
        Parameters.WriteValue(ref reader, verbatim: false);
        return true;
    }

    // Of what the answer's encoding does not change, it is no part: both forms come from one entry.
    private void ReadEncoding(ref Utf8JsonReader reader)
    {
        bool isString = reader.TokenType == JsonTokenType.String;
        IsBase64 = isString && reader.ValueTextEquals("base64"u8);
        _isReadable &= IsBase64 || reader.TokenType == JsonTokenType.Null || (isString && reader.ValueTextEquals("float"u8));
        reader.Skip();
    }

    private void ReadInput(ref Utf8JsonReader reader)
    {
        InputStart = (int)reader.TokenStartIndex;
        JsonTokenType type = reader.TokenType;
        if (type == JsonTokenType.String)
        {
            ReadText(ref reader);
        }
        else if (type == JsonTokenType.StartArray)
        {
            Utf8JsonReader ahead = reader;
            ahead.Read();
            if (ahead.TokenType == JsonTokenType.Number)
            {
                ReadTokens(ref reader);
            }
            else
            {
                ReadList(ref reader, ahead.TokenType);
            }
        }
        else
        {
            _isReadable = false;
            reader.Skip();
        }

        InputEnd = (int)reader.BytesConsumed;
    }

    private void ReadList(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // A list of both kinds is for the upstream to judge.
            _isReadable &= reader.TokenType == kind;
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    ReadText(ref reader);
                    break;
                case JsonTokenType.StartArray:
                    ReadTokens(ref reader);
                    break;
                default:
                    _isReadable = false;
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadText(ref Utf8JsonReader reader)
    {
        InputBytes.WriteByte((byte)'s');
        int length = InputBytes.WriteString(ref reader).Length;
        Add((int)reader.TokenStartIndex, (int)reader.BytesConsumed, length);
    }

    // Numbers keep their spelling: 1.0 may be refused where 1 is a token.
    private void ReadTokens(ref Utf8JsonReader reader)
    {
        int start = (int)reader.TokenStartIndex;
        int count = 0;
        InputBytes.WriteByte((byte)'t');
        int countAt = InputBytes.Length;
        InputBytes.WriteInt32(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            _isReadable &= reader.TokenType == JsonTokenType.Number;
            InputBytes.WriteBytes(reader.TokenType == JsonTokenType.Number ? reader.ValueSpan : []);
            reader.Skip();
            count++;
        }

        _isReadable &= count > 0;
        InputBytes.WriteInt32At(countAt, count);
        Add(start, (int)reader.BytesConsumed, count);
    }

    private void Add(int start, int end, int weight)
    {
        Inputs.Add(new EmbeddingInput(start, end, weight));
        _ends.Add(InputBytes.Length);
    }

    private void Note(ref bool seen)
    {
        if (seen)
        {
            Parameters.NoteDuplicateName();
        }

        seen = true;
    }
}
