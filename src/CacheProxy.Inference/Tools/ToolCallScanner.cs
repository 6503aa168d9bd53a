using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CacheProxy.Inference.Tools;

/// <summary>
/// Reads one call's JSON object character by character. Where the name comes before the arguments, as it nearly always does,
/// these are handed out while they are being written; otherwise at the end.
/// </summary>
internal sealed partial class ToolCallScanner(IReadOnlySet<string> names)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _arguments = new();
    private int _depth;
    private bool _inString;
    private bool _isEscaped;
    private bool _inArguments;

    /// <summary>The object is complete.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Known as soon as the arguments begin.</summary>
    public string? Name { get; private set; }

    /// <summary>Everything read.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes the next character, the first of which is the brace that opens the object.</summary>
    /// <returns>False when the object is complete and is no call of a known function.</returns>
    public bool Take(char next)
    {
        bool opensArguments = !_inString && next == '{' && _depth == 1 && Name is null && TryReadHead();
        _text.Append(next);
        _inArguments |= opensArguments;
        if (_inArguments)
        {
            _arguments.Append(next);
        }

        Track(next);
        _inArguments &= _depth > 1;
        IsDone = _depth == 0;
        return !IsDone || Name is not null || TryReadWhole();
    }

    /// <summary>What of the arguments is new.</summary>
    public string TakeArguments()
    {
        string taken = _arguments.ToString();
        _arguments.Clear();
        return taken;
    }

    private void Track(char next)
    {
        if (_inString)
        {
            _inString = next != '"' || _isEscaped;
            _isEscaped = next == '\\' && !_isEscaped;
            return;
        }

        _inString = next == '"';
        _depth += next is '{' or '[' ? 1 : next is '}' or ']' ? -1 : 0;
    }

    private bool TryReadHead()
    {
        if (Head().Match(Text) is not { Success: true } head || !names.Contains(head.Groups[1].Value))
        {
            return false;
        }

        Name = head.Groups[1].Value;
        return true;
    }

    private bool TryReadWhole()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Text);
            JsonElement call = document.RootElement;
            if (!call.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || !names.Contains(name.GetString()!))
            {
                return false;
            }

            bool hasArguments = call.TryGetProperty("arguments", out JsonElement arguments) || call.TryGetProperty("parameters", out arguments);
            Name = name.GetString();
            _arguments.Append(!hasArguments ? "{}" : arguments.ValueKind == JsonValueKind.String ? arguments.GetString() : arguments.GetRawText());
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex("""^\{\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"(?:arguments|parameters)"\s*:\s*$""")]
    private static partial Regex Head();
}
