using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Settings from a <c>config.json</c>, of published checkpoints and of transformers 5 alike. An explicit null counts as absent.</summary>
internal sealed class HuggingFaceSettings : IModelSettings
{
    private readonly string _file;
    private readonly JsonElement _config;

    /// <param name="file">Path that errors name.</param>
    /// <param name="config">The whole file; must not be disposed before this object's last use.</param>
    /// <exception cref="ModelFormatException">It is not an object, or does not name one architecture.</exception>
    public HuggingFaceSettings(string file, JsonElement config)
    {
        (_file, _config) = (file, config);
        if (config.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(file, "$", $"is {config.ValueKind}, not an object");
        }

        Architecture = FindStrings(SettingKey.Architecture) is [var name] ? name : throw Error(SettingKey.Architecture, "does not name exactly one architecture");
    }

    public string Architecture { get; }

    public TensorConvention Convention => TensorConvention.HuggingFace;

    /// <exception cref="ModelFormatException">The file is not JSON, or see the constructor.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static HuggingFaceSettings Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            return new HuggingFaceSettings(file, document.RootElement.Clone());
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(file, error.Path ?? "$", error.Message, error);
        }
    }

    public int? FindInt32(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int whole) => whole,
        { } other => throw Wrong(key, other, "a 32-bit whole number"),
    };

    public float? FindSingle(string key) => Find(key) is { } number ? ToSingle(key, number) : null;

    public bool? FindBoolean(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Wrong(key, other, "true or false"),
    };

    public string? FindString(string key) => Find(key) is { } text ? ToText(key, text) : null;

    public float[]? FindSingles(string key) => Find(key) is { } list ? [.. Elements(key, list).Select(number => ToSingle(key, number))] : null;

    public string[]? FindStrings(string key) => Find(key) is { } list ? [.. Elements(key, list).Select(text => ToText(key, text))] : null;

    public ModelFormatException Error(string key, string problem)
    {
        IReadOnlyList<string> paths = HuggingFaceKeys.Of(key);
        return new ModelFormatException(_file, paths.FirstOrDefault(path => Find(_config, path) is not null) ?? paths.FirstOrDefault(key), problem);
    }

    private JsonElement? Find(string key) => HuggingFaceKeys.Of(key).Select(path => Find(_config, path)).FirstOrDefault(value => value is not null);

    private static JsonElement? Find(JsonElement from, string path)
    {
        foreach (string name in path.Split('.'))
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out from))
            {
                return null;
            }
        }

        return from.ValueKind == JsonValueKind.Null ? null : from;
    }

    private IEnumerable<JsonElement> Elements(string key, JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw Wrong(key, list, "a list");

    private float ToSingle(string key, JsonElement number) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetSingle(out float value) && float.IsFinite(value) ? value : throw Wrong(key, number, "a number");

    private string ToText(string key, JsonElement text) => text.ValueKind == JsonValueKind.String ? text.GetString()! : throw Wrong(key, text, "a text");

    private ModelFormatException Wrong(string key, JsonElement value, string kind) => Error(key, $"is {value.GetRawText()}, not {kind}");
}
