using System.Text.Json;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>
/// Reads typed fields of one JSON object of a request. The first thing wrong is kept as the error of the whole request and
/// every later read answers null, so that a parser is a plain list of fields. A field that is null counts as absent.
/// </summary>
internal sealed class FieldReader
{
    private readonly JsonElement _element;
    private readonly ErrorHolder _holder;

    public FieldReader(JsonElement root) : this(root, "", new ErrorHolder()) { }

    private FieldReader(JsonElement element, string path, ErrorHolder holder)
    {
        _element = element;
        Path = path;
        _holder = holder;
    }

    public RequestError? Error => _holder.Error;

    /// <summary>Where this object lies in the request, as in <c>messages[0]</c>; empty: it is the request.</summary>
    public string Path { get; }

    /// <summary>Path of a field of this object, as in <c>messages[0].content</c>.</summary>
    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    public void Fail(RequestError error) => _holder.Error ??= error;

    /// <summary>The field is there, if only as null.</summary>
    public bool Has(string name) => _element.TryGetProperty(name, out _);

    /// <summary>The names of all fields of this object, in the order sent.</summary>
    public IReadOnlyList<string> Names() => [.. _element.EnumerateObject().Select(property => property.Name)];

    /// <summary>The field's value, whatever it is; null when absent or JSON null.</summary>
    public JsonElement? Any(string name, bool required = false)
    {
        if (Error is not null)
        {
            return null;
        }

        bool isPresent = _element.TryGetProperty(name, out JsonElement value);
        if (isPresent && value.ValueKind != JsonValueKind.Null)
        {
            return value;
        }

        if (required)
        {
            Fail(isPresent ? RequestError.WrongType(PathOf(name), "a value", "null") : RequestError.Missing(PathOf(name)));
        }

        return null;
    }

    public string? Text(string name, bool required = false)
        => Any(name, required) is { } value ? TextOf(value, PathOf(name), "a string") : null;

    public bool? Flag(string name)
    {
        if (Any(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fail(RequestError.WrongType(PathOf(name), "a boolean", Describe(value)));
        return null;
    }

    public long? Integer(string name, long min, long max) => Any(name) is { } value ? IntegerOf(value, PathOf(name), min, max) : null;

    /// <summary>A finite number between the bounds, both allowed.</summary>
    public double? Number(string name, double min, double max)
    {
        if (Any(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number))
        {
            Fail(RequestError.WrongType(PathOf(name), "a decimal number", Describe(value)));
            return null;
        }

        if (number >= min && number <= max)
        {
            return number;
        }

        (string side, string sign, double bound, string code) = number < min
            ? ("below minimum", ">=", min, "decimal_below_min_value") : ("above maximum", "<=", max, "decimal_above_max_value");
        Fail(new RequestError(
            FormattableString.Invariant($"Invalid '{PathOf(name)}': decimal {side} value. Expected a value {sign} {bound}, but got {value.GetRawText()} instead."), PathOf(name), code));
        return null;
    }

    public FieldReader? Child(string name, bool required = false)
        => Any(name, required) is { } value ? ObjectOf(value, PathOf(name)) : null;

    /// <summary>The elements of an array with their paths; null when the field is absent or no array.</summary>
    public IReadOnlyList<(JsonElement Value, string Path)>? Items(string name, string expected, bool required = false)
    {
        if (Any(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Fail(RequestError.WrongType(PathOf(name), expected, Describe(value)));
            return null;
        }

        return [.. value.EnumerateArray().Select((item, i) => (item, $"{PathOf(name)}[{i}]"))];
    }

    public FieldReader? ObjectOf(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return new FieldReader(value, path, _holder);
        }

        Fail(RequestError.WrongType(path, "an object", Describe(value)));
        return null;
    }

    public string? TextOf(JsonElement value, string path, string expected)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(RequestError.WrongType(path, expected, Describe(value)));
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // The one way to learn of an escaped half of a surrogate pair: valid JSON, but no text.
            Fail(RequestError.InvalidValue(path, "the text holds an escape that is no Unicode character."));
            return null;
        }
    }

    public long? IntegerOf(JsonElement value, string path, long min, long max)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number))
        {
            Fail(RequestError.WrongType(path, "an integer", value.ValueKind == JsonValueKind.Number ? "a number that is none" : Describe(value)));
            return null;
        }

        if (number >= min && number <= max)
        {
            return number;
        }

        (string side, string sign, long bound, string code) = number < min
            ? ("below minimum", ">=", min, "integer_below_min_value") : ("above maximum", "<=", max, "integer_above_max_value");
        Fail(new RequestError($"Invalid '{path}': integer {side} value. Expected a value {sign} {bound}, but got {number} instead.", path, code));
        return null;
    }

    /// <summary>The kind of a value, with its article.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    private sealed class ErrorHolder
    {
        public RequestError? Error { get; set; }
    }
}
