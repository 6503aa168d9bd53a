using System.Text.Json;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>Typed keywords of one schema object, with its path for errors.</summary>
internal readonly record struct SchemaReader(JsonElement Schema, string Path)
{
    public bool TryGet(string keyword, out JsonElement value) => Schema.TryGetProperty(keyword, out value);

    public string PathOf(string keyword) => SchemaKeywords.PathOf(Path, keyword);

    public ConstraintException Error(string keyword, string message) => new(PathOf(keyword), message);

    public string? Text(string keyword)
        => !TryGet(keyword, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Error(keyword, "must be a string.");

    /// <summary>A count, at least 0.</summary>
    public int? Count(string keyword)
        => !TryGet(keyword, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal count) && count >= 0 && count == decimal.Truncate(count) && count <= int.MaxValue
            ? (int)count : throw Error(keyword, "must be a whole number, at least 0.");

    public decimal? Number(string keyword)
        => !TryGet(keyword, out JsonElement value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number)
            ? number : throw Error(keyword, "must be a number of at most 28 digits.");

    /// <summary>Lower and upper bound of a length.</summary>
    public (int Min, int? Max) Lengths(string min, string max)
    {
        (int Min, int? Max) lengths = (Count(min) ?? 0, Count(max));
        return lengths.Max < lengths.Min ? throw Error(max, $"must not be below '{min}'.") : lengths;
    }
}
