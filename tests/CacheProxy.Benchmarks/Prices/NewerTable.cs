using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>One file a vendor, USD per million tokens, with a history; what a long prompt costs is a model of its own (<c>gpt-5.4-272k</c>).</summary>
internal static partial class NewerTable
{
    private static readonly Dictionary<string, string> s_vendors = new()
    {
        ["openai"] = "openai",
        ["anthropic"] = "anthropic",
        ["google"] = "google",
        ["deepseek"] = "deepseek",
        ["mistral"] = "mistral",
        ["xai"] = "xai",
        ["moonshot-ai"] = "moonshot",
        ["qwen"] = "qwen",
        ["minimax"] = "minimax",
        ["meta-ai"] = "meta",
    };

    private static readonly string[] s_fields = ["input", "output", "input_cached", "from_date", "to_date"];

    // Names that the table writes in its own way, or one row for several models, as the rows' titles say.
    private static readonly Dictionary<string, string[]> s_aliases = new()
    {
        ["claude-4.5-haiku"] = ["claude-haiku-4-5"],
        ["claude-sonnet-4.5"] = ["claude-sonnet-4", "claude-4-sonnet"],
        ["claude-opus-4"] = ["claude-4-opus"],
        ["o1-preview"] = ["o1"],
        ["gemini-2.5-flash"] = ["gemini-2.5-flash-latest"],
        ["grok-4"] = ["grok-4-0709"],
        ["grok-4-fast"] = ["grok-4-fast-non-reasoning"],
        ["pixtral-12b"] = ["pixtral-12b-2409"],
        ["mistral-nemo"] = ["open-mistral-nemo"],
    };

    public static IEnumerable<PriceRow> Read(string folder)
    {
        foreach (string path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
            if (!s_vendors.TryGetValue(file.RootElement.GetProperty("vendor").GetString()!, out string? provider))
            {
                continue;
            }

            foreach (PriceRow row in ReadVendor(file.RootElement, provider))
            {
                yield return row;
            }
        }
    }

    private static IEnumerable<PriceRow> ReadVendor(JsonElement vendor, string provider)
    {
        JsonElement[] models = [.. vendor.GetProperty("models").EnumerateArray()];
        foreach (IGrouping<string, JsonElement> sameId in models.GroupBy(model => model.GetProperty("id").GetString()!))
        {
            string id = sameId.Key;
            // Images are sold by tokens of their own; a long prompt's price belongs to the model's row.
            if (id.Contains("image", StringComparison.Ordinal) || models.Any(model => IsLongFormOf(id, model.GetProperty("id").GetString()!)))
            {
                continue;
            }

            JsonElement? dearer = models.Where(model => IsLongFormOf(model.GetProperty("id").GetString()!, id)).Select(model => (JsonElement?)model).FirstOrDefault();
            foreach (JsonProperty field in sameId.SelectMany(model => model.GetProperty("price_history").EnumerateArray()).SelectMany(price => price.EnumerateObject()))
            {
                if (!s_fields.Contains(field.Name))
                {
                    throw new InvalidDataException($"{provider}/{id} has the price {field.Name}, which the builder of the price table does not know.");
                }
            }

            foreach (JsonElement price in sameId.Last().GetProperty("price_history").EnumerateArray())
            {
                JsonElement? dearerThen = dearer?.GetProperty("price_history").EnumerateArray().Single(other => Date(other, "from_date") == Date(price, "from_date"));
                yield return Row(provider, id, price, dearer, dearerThen);
            }
        }
    }

    private static PriceRow Row(string provider, string id, JsonElement price, JsonElement? dearer, JsonElement? dearerThen) => new()
    {
        Provider = provider,
        Model = id,
        Aliases = s_aliases.GetValueOrDefault(id),
        Input = price.GetProperty("input").GetDecimal(),
        Output = price.GetProperty("output").GetDecimal(),
        CachedInput = Cached(price),
        From = Date(price, "from_date"),
        To = Date(price, "to_date"),
        AboveTokens = dearer is { } form ? 1000 * long.Parse(LongForm().Match(form.GetProperty("id").GetString()!).Groups[2].Value, CultureInfo.InvariantCulture) : null,
        Above = dearerThen is { } above ? new TokenRates { Input = above.GetProperty("input").GetDecimal(), Output = above.GetProperty("output").GetDecimal(), CachedInput = Cached(above) } : null,
        Source = "llm-prices",
    };

    private static bool IsLongFormOf(string id, string model) => LongForm().Match(id) is { Success: true } match && match.Groups[1].Value == model;

    private static decimal? Cached(JsonElement price) => price.GetProperty("input_cached") is { ValueKind: JsonValueKind.Number } cached ? cached.GetDecimal() : null;

    private static DateOnly? Date(JsonElement price, string name)
        => price.GetProperty(name).GetString() is { } date ? DateOnly.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("^(.+)-([0-9]+)k$", RegexOptions.CultureInvariant)]
    private static partial Regex LongForm();
}
