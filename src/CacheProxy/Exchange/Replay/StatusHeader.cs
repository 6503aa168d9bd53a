using CacheProxy.Protocol;

namespace CacheProxy.Exchange.Replay;

/// <summary>The <c>Cache-Status</c> of what is not answered from an entry.</summary>
public static class StatusHeader
{
    public static string Collapsed { get; } = CacheStatus.Miss(collapsed: true).ToString();

    private static readonly string[] Stored = PerSkip(stored: true);
    private static readonly string[] Missed = PerSkip(stored: false);

    /// <summary>For a forwarded request.</summary>
    /// <param name="willStore">The answer will be stored once it is complete: the header leaves before the answer does.</param>
    public static string Forwarded(ExchangeFeature exchange, bool willStore)
    {
        if (!exchange.Flags.AllowLookup)
        {
            return CacheStatus.Bypass(exchange.Flags.Reason.ToTag()).ToString();
        }

        return (willStore ? Stored : Missed)[(int)exchange.SemanticSkip];
    }

    /// <summary>For <c>only-if-cached</c> without an entry: nothing was forwarded.</summary>
    public static string NotForwarded { get; } = new CacheStatus { Detail = "only_if_cached" }.ToString();

    /// <summary>For a request that a budget refused: nothing was forwarded.</summary>
    public static string OverBudget { get; } = new CacheStatus { Detail = "budget" }.ToString();

    private static string[] PerSkip(bool stored) => [.. Enum.GetValues<SemanticSkip>().Select(skip =>
        (CacheStatus.Miss(stored) with { Detail = skip == SemanticSkip.None ? null : "semantic-" + skip.ToTag() }).ToString())];
}
