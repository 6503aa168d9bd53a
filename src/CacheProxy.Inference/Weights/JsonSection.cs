using System.Text.Json;

namespace CacheProxy.Inference.Weights;

/// <summary>An object of a JSON file, whose errors name the file and the whole way to the field.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Field">Way to this object, names with dots between them; empty for the root.</param>
/// <param name="Value">The object.</param>
internal readonly record struct JsonSection(string File, string Field, JsonElement Value)
{
    /// <summary>The file's root.</summary>
    public static JsonSection Read(string file) => new(file, "", JsonFile.Read(file));

    /// <summary>Absent and null are the same.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <exception cref="ModelFormatException">It is there, but no object.</exception>
    public JsonSection? FindSection(string name) => Find(name) is { } found
        ? found.ValueKind == JsonValueKind.Object ? new JsonSection(File, Path(name), found) : throw Wrong(name, found, "an object")
        : null;

    /// <exception cref="ModelFormatException">It is missing, or no object.</exception>
    public JsonSection GetSection(string name) => FindSection(name) ?? throw Error(name, "is missing");

    /// <exception cref="ModelFormatException">It is missing, or no text.</exception>
    public string GetString(string name) => FindString(name) ?? throw Error(name, "is missing");

    public string? FindString(string name) => Find(name) is { } found
        ? found.ValueKind == JsonValueKind.String ? found.GetString() : throw Wrong(name, found, "a text")
        : null;

    public int? FindInt32(string name) => Find(name) is { } found
        ? found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out int number) ? number : throw Wrong(name, found, "a 32-bit whole number")
        : null;

    public bool? FindBoolean(string name) => Find(name) is { } found
        ? found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : throw Wrong(name, found, "a boolean")
        : null;

    /// <summary>A list of objects; empty where there is none.</summary>
    public IReadOnlyList<JsonSection> FindSections(string name)
    {
        if (Find(name) is not { } list)
        {
            return [];
        }

        var found = new List<JsonSection>();
        foreach (JsonElement item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : throw Wrong(name, list, "a list"))
        {
            found.Add(new JsonSection(File, $"{Path(name)}[{found.Count}]", item.ValueKind == JsonValueKind.Object ? item : throw Wrong($"{name}[{found.Count}]", item, "an object")));
        }

        return found;
    }

    /// <summary>A value that is neither absent nor null.</summary>
    public JsonElement? Find(string name) =>
        Value.TryGetProperty(name, out JsonElement found) && found.ValueKind != JsonValueKind.Null ? found : null;

    public ModelFormatException Error(string name, string problem) => new(File, Path(name), problem);

    private ModelFormatException Wrong(string name, JsonElement found, string kind) => Error(name, $"is {found.ValueKind}, not {kind}");

    private string Path(string name) => Field.Length == 0 ? name : $"{Field}.{name}";
}
