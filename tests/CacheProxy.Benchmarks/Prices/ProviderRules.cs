using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Prices;

/// <summary>What providers say of their cache as multiples of the input price.</summary>
internal static class ProviderRules
{
    public static TokenRates Apply(string provider, string model, TokenRates rates) => provider switch
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
