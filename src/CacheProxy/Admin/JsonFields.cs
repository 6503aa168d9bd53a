using System.Globalization;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary>Reads the fields of one JSON object and remembers the first that is wrong. A field that nobody read is wrong too.</summary>
internal sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    private JsonFields() { }

    /// <summary>Null: all is well so far.</summary>
    public RequestError? Error { get; private set; }

    public static JsonFields Parse(ReadOnlyMemory<byte> json)
    {
        var fields = new JsonFields();
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                fields.Error = new RequestError("The body must be a JSON object.", null, "invalid_type");
                return fields;
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                fields._fields[property.Name] = property.Value.Clone();
            }
        }
        catch (JsonException exception)
        {
            fields.Error = RequestError.MalformedJson(exception);
        }

        return fields;
    }

    /// <summary>Query parameters, each a text.</summary>
    public static JsonFields From(IQueryCollection query)
    {
        var fields = new JsonFields();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in query)
        {
            fields._fields[name] = JsonElement.Parse(JsonEncodedText.Encode(value.ToString()) is var text ? $"\"{text}\"" : "\"\"");
        }

        return fields;
    }

    public JsonElement? Take(string name)
    {
        _read.Add(name);
        return _fields.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <param name="maxLength">A longer text is wrong.</param>
    public string? Text(string name, int maxLength = 256, bool mayBeEmpty = false)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(RequestError.WrongType(name, "a string", value.ValueKind.ToString().ToLowerInvariant()));
            return null;
        }

        string text = value.GetString()!;
        if (text.Length > maxLength || (text.Length == 0 && !mayBeEmpty))
        {
            Fail(RequestError.InvalidValue(name, $"use {(mayBeEmpty ? 0 : 1)} to {maxLength} characters."));
        }

        return text;
    }

    /// <summary>An exact number of hexadecimal digits, in lower case.</summary>
    public string? Hex(string name, int digits)
    {
        string? text = Text(name);
        if (text is not null && (text.Length != digits || text.Any(c => !char.IsAsciiHexDigitLower(c))))
        {
            Fail(RequestError.InvalidValue(name, $"use {digits} hexadecimal digits, in lower case."));
        }

        return text;
    }

    /// <summary>ISO 8601 with an offset or Z, or Unix seconds.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seconds) && seconds is >= 0 and < 100_000_000_000)
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        if (text is not null && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            && DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset instant))
        {
            return instant;
        }

        Fail(RequestError.InvalidValue(name, "use ISO 8601 with Z or an offset, as in 2026-01-31T12:00:00Z, or Unix seconds."));
        return null;
    }

    public bool? Flag(string name)
    {
        JsonElement? value = Take(name);
        switch (value?.ValueKind)
        {
            case null:
                return null;
            case JsonValueKind.True or JsonValueKind.False:
                return value.Value.GetBoolean();
            case JsonValueKind.String when bool.TryParse(value.Value.GetString(), out bool flag):
                return flag;
            default:
                Fail(RequestError.WrongType(name, "true or false", value.Value.ValueKind.ToString().ToLowerInvariant()));
                return null;
        }
    }

    public int? Number(string name, int from, int to)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        bool isNumber = value.ValueKind == JsonValueKind.String
            ? int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            : value.ValueKind == JsonValueKind.Number & value.TryGetInt32(out number);
        if (!isNumber || number < from || number > to)
        {
            Fail(RequestError.InvalidValue(name, $"use a whole number from {from} to {to}."));
        }

        return number;
    }

    /// <summary>A number above 0 and below or, with <paramref name="mayBeOne"/>, at 1.</summary>
    public double? Share(string name, bool mayBeOne = false)
    {
        if (Take(name) is not { } value)
        {
            return null;
        }

        double number = 0;
        bool isNumber = value.ValueKind == JsonValueKind.String
            ? double.TryParse(value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out number);
        if (!isNumber || !(number > 0 && (number < 1 || (mayBeOne && number == 1))))
        {
            Fail(RequestError.InvalidValue(name, $"use a number between 0 and 1{(mayBeOne ? ", or 1" : "")}."));
        }

        return number;
    }

    public string[] Texts(string name, int most)
    {
        if (Take(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > most || value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            Fail(RequestError.InvalidValue(name, $"use an array of at most {most} strings."));
            return [];
        }

        return [.. value.EnumerateArray().Select(item => item.GetString()!)];
    }

    public void Fail(RequestError error) => Error ??= error;

    /// <summary>To be called when all fields were read.</summary>
    /// <returns><see cref="Error"/>.</returns>
    public RequestError? Finish()
    {
        if (Error is null && _fields.Keys.FirstOrDefault(name => !_read.Contains(name)) is { } unknown)
        {
            Error = RequestError.Unsupported(unknown, $"Unknown field '{unknown}'. Known are: {string.Join(", ", _read.Order(StringComparer.Ordinal))}.");
        }

        return Error;
    }
}
