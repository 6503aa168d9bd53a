namespace CacheProxy.Exchange;

/// <summary>How a request was answered: one value per request, the same in header, metric tag, ledger and log.</summary>
public enum CacheOutcome
{
    /// <summary>Not decided yet.</summary>
    None,

    /// <summary>The same request was answered before and the entry is fresh.</summary>
    Exact,

    /// <summary>The same request was answered before; the entry is stale but allowed (stale-while-revalidate, stale-if-error, max-stale).</summary>
    Stale,

    /// <summary>The same question in other words was answered before.</summary>
    Semantic,

    /// <summary>Joined to an identical request that was under way.</summary>
    Collapsed,

    /// <summary>Forwarded; nothing stored answered it.</summary>
    Miss,

    /// <summary>Never looked up; see <see cref="BypassReason"/>.</summary>
    Bypass,
}
