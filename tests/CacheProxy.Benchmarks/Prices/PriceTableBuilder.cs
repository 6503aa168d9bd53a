using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>
/// Makes <c>config/prices.json</c> of two public tables: the newer one where it names a model, the older one for the rest and for the classes that the newer
/// one does not tell. Only models that are sold by text tokens, of the providers that make them, and of Azure.
/// </summary>
internal static class PriceTableBuilder
{
    private const string Newer = "llm-prices";
    private const string Older = "litellm";
    // A decimal divided by it loses the zeros behind its last digit.
    private const decimal One = 1.000000000000000000000000000m;
    private const string Latest = "-latest";

    // The newer table still has o3 at its first price beside the cached price of a quarter of the later one: the older one has both.
    private static readonly string[] s_outdated = ["o3"];

    public static PriceFile Build(string litellm, string llmPrices)
    {
        Dictionary<(string, string), PriceRow> older = OlderTable.Read(litellm);
        List<PriceRow> rows = [.. NewerTable.Read(llmPrices).Where(row => !s_outdated.Contains(row.Model)).Select(row => Complete(row, older))];
        var named = rows.SelectMany(row => (row.Aliases ?? []).Prepend(row.Model), (row, name) => (row.Provider, Normal(name), row)).ToLookup(item => (item.Provider, item.Item2), item => item.row);
        foreach (((string provider, string name) key, PriceRow row) in older.OrderBy(item => item.Key))
        {
            // A dated version that costs what its undated name does needs no row: it is found by that.
            string plain = Undated(key.name);
            PriceRow? known = named[key].LastOrDefault() ?? named[(key.provider, plain)].LastOrDefault() ?? (plain == key.name ? null : older.GetValueOrDefault((key.provider, plain)));
            bool isNewer = key.name.EndsWith(Latest, StringComparison.Ordinal) && named.Contains((key.provider, key.name[..^Latest.Length]));
            if (!named.Contains(key) && !isNewer && (known is null || known.Input != row.Input || known.Output != row.Output))
            {
                rows.Add(row);
            }
        }

        return new PriceFile
        {
            Unit = "USD per million tokens, and per thousand searches",
            Date = "2026-08",
            Sources =
            [
                new PriceSource(Newer, "2026-08", "simonw/llm-prices on GitHub; no licence stated: facts only"),
                new PriceSource(Older, "2025-09", "BerriAI/litellm, as copied by AgentOps-AI/tokencost; MIT"),
            ],
            Models = [.. rows.Select(Trim).OrderBy(row => row.Provider, StringComparer.Ordinal).ThenBy(row => row.Model, StringComparer.Ordinal).ThenBy(row => row.From)],
        };
    }

    /// <summary>One row a line, so that a change of a price is a change of a line.</summary>
    public static string Write(PriceFile file)
    {
        var options = new PriceFileJson(new JsonSerializerOptions(PriceFileJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        var text = new StringBuilder("{\n");
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  \"unit\": \"{file.Unit}\",\n  \"date\": \"{file.Date}\",\n  \"sources\": [\n");
        text.AppendJoin(",\n", file.Sources.Select(source => $"    {{\"name\": \"{source.Name}\", \"date\": \"{source.Date}\", \"licence\": \"{source.Licence}\"}}"));
        text.Append("\n  ],\n  \"models\": [\n");
        text.AppendJoin(",\n", file.Models.Select(row => "    " + JsonSerializer.Serialize(row, options.PriceRow)));
        return text.Append("\n  ]\n}\n").ToString();
    }

    internal static string Normal(string name) => ModelNames.Normal(name);

    internal static string Undated(string name) => System.Text.RegularExpressions.Regex.Replace(name, "[-@]20[0-9]{2}-?[0-1][0-9]-?[0-3][0-9]$", "");

    // 1.250 is 1.25.
    private static PriceRow Trim(PriceRow row) => (PriceRow)TrimRates(row) with
    {
        Above = row.Above is { } above ? TrimRates(above) : null,
        Batch = row.Batch is { } batch ? TrimRates(batch) : null,
        Flex = row.Flex is { } flex ? TrimRates(flex) : null,
        Priority = row.Priority is { } priority ? TrimRates(priority) : null,
        Search = row.Search / One,
    };

    private static TokenRates TrimRates(TokenRates rates) => rates with
    {
        Input = rates.Input / One,
        Output = rates.Output / One,
        CachedInput = rates.CachedInput / One,
        CacheWrite = rates.CacheWrite / One,
        CacheWriteHour = rates.CacheWriteHour / One,
    };

    // What the newer table does not tell, the older one may, where it speaks of the same price.
    private static PriceRow Complete(PriceRow row, Dictionary<(string, string), PriceRow> older)
    {
        PriceRow? known = (row.Aliases ?? []).Prepend(row.Model).Select(name => older.GetValueOrDefault((row.Provider, Normal(name)))).FirstOrDefault(found => found is not null);
        if (known is not null && known.Input == row.Input && known.Output == row.Output && row.To is null)
        {
            row = row with
            {
                CachedInput = row.CachedInput ?? known.CachedInput,
                Batch = known.Batch,
                Flex = known.Flex,
                Priority = known.Priority,
                Search = known.Search,
                AboveTokens = row.AboveTokens ?? known.AboveTokens,
                Above = row.Above ?? known.Above,
            };
        }

        return ProviderRules.Complete(row);
    }
}
