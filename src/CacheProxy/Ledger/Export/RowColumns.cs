using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger.Export;

/// <summary>The ledger's own columns: everything that a row says. Money is in US dollars, times are in seconds, prices in US dollars per million tokens and per thousand searches.</summary>
public static class RowColumns
{
    private const decimal PicodollarsPerDollarOfMillion = 1_000_000m;
    private const decimal PicodollarsPerDollarOfThousandSearches = 1_000_000_000m;

    public static IReadOnlyList<RowColumn> All { get; } =
    [
        new("time", row => row.Time),
        new("work", row => row.Work.ToTag()),
        new("requests", row => (long)row.Requests),
        new("tenant", row => row.Tenant),
        new("user", row => row.User),
        new("model", row => row.Model),
        new("upstream", row => row.Upstream),
        new("route", row => row.Route),
        new("namespace", row => row.Namespace),
        new("dialect", row => row.Dialect.ToTag()),
        new("outcome", row => row.Outcome.ToTag()),
        new("tier", row => row.Outcome.ToTier()),
        new("bypass_reason", row => row.Reason == BypassReason.None ? null : row.Reason.ToTag()),
        new("status", row => (long)row.Status),
        .. Tokens("", row => row.Usage),
        .. Tokens("saved_", row => row.Saved),
        new("price_input", row => Price(row.Price?.Input)),
        new("price_output", row => Price(row.Price?.Output)),
        new("price_cached_input", row => Price(row.Price?.CachedInput)),
        new("price_cache_write", row => Price(row.Price?.CacheWrite)),
        new("price_cache_write_hour", row => Price(row.Price?.CacheWriteHour)),
        new("price_search", row => row.Price?.Search / PicodollarsPerDollarOfThousandSearches),
        new("price_source", row => row.Price?.Source),
        new("paid_usd", row => row.Paid?.ToUsd()),
        new("avoided_usd", row => row.Avoided?.ToUsd()),
        new("is_part_priced", row => row.IsPartPriced),
        new("overhead_usd", row => row.Overhead.ToUsd()),
        new("first_byte_seconds", row => Seconds(row.FirstByteSeconds)),
        new("total_seconds", row => Seconds(row.TotalSeconds)),
        new("miss_seconds", row => Seconds(row.MissSeconds)),
        new("request_bytes", row => row.RequestBytes),
        new("answer_bytes", row => row.AnswerBytes),
        new("entry_id", row => row.EntryId),
        new("prefix_id", row => row.PrefixId),
        new("predicted_cached_tokens", row => Count(row.PredictedCachedTokens)),
        new("similarity", row => row.Similarity == 0 ? null : Math.Round((double)row.Similarity, 4)),
        new("near_entry_id", row => row.NearEntryId),
    ];

    private static RowColumn[] Tokens(string prefix, Func<LedgerRow, TokenCounts> counts) =>
    [
        new(prefix + "prompt_tokens", row => Count(counts(row).Prompt)),
        new(prefix + "completion_tokens", row => Count(counts(row).Completion)),
        new(prefix + "cached_read_tokens", row => Count(counts(row).CachedRead)),
        new(prefix + "cache_write_tokens", row => Count(counts(row).CacheWrite)),
        new(prefix + "cache_write_hour_tokens", row => Count(counts(row).CacheWriteHour)),
        new(prefix + "reasoning_tokens", row => Count(counts(row).Reasoning)),
        new(prefix + "searches", row => (long)counts(row).Searches),
    ];

    internal static object? Count(long count) => count < 0 ? null : count;

    private static object? Seconds(double seconds) => seconds < 0 ? null : seconds;

    private static object? Price(long? picodollars) => picodollars / PicodollarsPerDollarOfMillion;
}
