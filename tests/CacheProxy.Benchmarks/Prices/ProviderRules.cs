using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>What providers say of their prices once for all models, and tables leave out: their cache's as multiples of the input price, searches, flex.</summary>
internal static class ProviderRules
{
    // 10 USD per thousand searches, whatever the model: so wherever the older table has it.
    private const decimal AnthropicSearch = 10m;

    public static PriceRow Complete(PriceRow row) => (PriceRow)Apply(row.Provider, row.Model, row) with
    {
        Above = row.Above is null ? null : Apply(row.Provider, row.Model, row.Above),
        Search = row.Search ?? (row.Provider == "anthropic" ? AnthropicSearch : null),
        // OpenAI takes for flex what it takes for batches. What it takes there for cached input is not in the tables: unknown.
        Flex = row.Flex ?? (row.Provider == "openai" ? row.Batch : null),
    };

    private static TokenRates Apply(string provider, string model, TokenRates rates) => provider switch
    {
        // A read is a tenth, a write for five minutes 1.25 times, one for an hour twice the input.
        "anthropic" => rates with
        {
            CachedInput = rates.CachedInput ?? rates.Input * 0.1m,
            CacheWrite = rates.CacheWrite ?? rates.Input * 1.25m,
            CacheWriteHour = rates.CacheWriteHour ?? rates.Input * 2m,
        },
        // Writes are free up to GPT-5.5 and 1.25 times the input from GPT-5.6 on.
        "openai" when model.StartsWith("gpt-5.6", StringComparison.Ordinal) => rates with { CacheWrite = rates.CacheWrite ?? rates.Input * 1.25m },
        _ => rates,
    };
}
