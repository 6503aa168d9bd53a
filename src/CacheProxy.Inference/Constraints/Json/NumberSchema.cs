namespace CacheProxy.Inference.Constraints.Json;

/// <summary>Numbers within their bounds.</summary>
internal static class NumberSchema
{
    private const long Largest = 999_999_999_999_999_999;

    public static GrammarNode CompileInteger(SchemaReader schema)
    {
        NumberBounds bounds = BoundsOf(schema);
        if (bounds.IsOpen)
        {
            return JsonGrammar.Integer;
        }

        long low = bounds.Low is { } least ? ToLong(decimal.Ceiling(least) + (bounds.ExcludesLow && least == decimal.Ceiling(least) ? 1 : 0)) : -Largest;
        long high = bounds.High is { } most ? ToLong(decimal.Floor(most) - (bounds.ExcludesHigh && most == decimal.Floor(most) ? 1 : 0)) : Largest;
        return low <= high ? IntegerRange.Between(low, high) : throw schema.Error(bounds.HighKeyword, "leaves no whole number above the lower bound.");
    }

    public static GrammarNode CompileNumber(SchemaReader schema)
    {
        NumberBounds bounds = BoundsOf(schema);
        if (bounds.IsOpen)
        {
            return JsonGrammar.Number;
        }

        return DecimalRange.Within(bounds) ?? throw schema.Error(
            bounds.High is null ? bounds.LowKeyword : bounds.HighKeyword, "is out of what can be held: bounds have at most 15 digits and leave something between them.");
    }

    private static NumberBounds BoundsOf(SchemaReader schema)
    {
        if (schema.Number("multipleOf") is { } factor && (factor != 1 || schema.Text("type") != "integer"))
        {
            throw schema.Error("multipleOf", "is not supported.");
        }

        (decimal? minimum, decimal? above) = (schema.Number("minimum"), schema.Number("exclusiveMinimum"));
        (decimal? maximum, decimal? below) = (schema.Number("maximum"), schema.Number("exclusiveMaximum"));
        bool excludesLow = above is not null && !(minimum > above);
        bool excludesHigh = below is not null && !(maximum < below);
        return new NumberBounds(excludesLow ? above : minimum, excludesLow, excludesHigh ? below : maximum, excludesHigh);
    }

    private static long ToLong(decimal value) => (long)Math.Clamp(value, -Largest, Largest);
}

/// <param name="Low">Null: none.</param>
/// <param name="High">Null: none.</param>
internal sealed record NumberBounds(decimal? Low, bool ExcludesLow, decimal? High, bool ExcludesHigh)
{
    public bool IsOpen => Low is null && High is null;

    public string LowKeyword => ExcludesLow ? "exclusiveMinimum" : "minimum";

    public string HighKeyword => ExcludesHigh ? "exclusiveMaximum" : "maximum";
}
