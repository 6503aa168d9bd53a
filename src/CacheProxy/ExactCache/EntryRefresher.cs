using System.Runtime.CompilerServices;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Observability;

namespace CacheProxy.ExactCache;

/// <summary>
/// Decides when an entry is refreshed behind the clients' backs: one refresh at a time for a fingerprint, none for a while after one that
/// failed. Each goes out at once with the asking client's own request; none is kept for later, when its credentials may be gone.
/// </summary>
public sealed class EntryRefresher(
    IBackgroundRefresh refresh, EntryTiers tiers, RefreshAttempts attempts, CacheProxyMetrics metrics, TimeProvider clock)
{
    // Tied to the entry's own life in memory; nothing is counted unless refreshing ahead is switched on.
    private readonly ConditionalWeakTable<CacheEntry, StrongBox<int>> _hits = [];

    /// <summary>Whether a client that is given a stale answer may have it refreshed: not who wants nothing stored, or nobody asked.</summary>
    public static bool MayRefresh(ExchangeFeature exchange) => exchange.Flags.AllowStore && !exchange.Directives.OnlyIfCached;

    /// <summary>Counts a hit on a fresh entry and refreshes it where it is popular and in the last part of its TTL.</summary>
    public void NoteHit(HttpContext context, ExchangeFeature exchange, CacheEntry entry)
    {
        CachePolicy policy = exchange.Policy;
        int hits = Interlocked.Increment(ref _hits.GetOrCreateValue(entry).Value);
        long ttl = policy.TtlOf(entry);
        if (hits >= policy.RefreshAheadHits
            && (ttl - entry.AgeSeconds(clock.GetUtcNow())) * 100 <= ttl * policy.RefreshAheadPercent
            && MayRefresh(exchange))
        {
            Start(context, exchange, entry, RefreshReason.Ahead);
        }
    }

    /// <summary>Starts a refresh unless one runs or has failed a short while ago; returns at once.</summary>
    public void Start(HttpContext context, ExchangeFeature exchange, CacheEntry entry, RefreshReason reason)
    {
        Fingerprint256 fingerprint = exchange.Fingerprint;
        if (!attempts.TryBegin(fingerprint))
        {
            return;
        }

        // This client may have been given the entry just before a refresh replaced it.
        if (tiers.FindAtOnce(exchange) is { } landed && landed.CreatedAt > entry.CreatedAt)
        {
            attempts.End(fingerprint);
            return;
        }

        _ = FinishAsync(refresh.RefreshAsync(context, exchange, entry), fingerprint, reason);
    }

    private async Task FinishAsync(Task<RefreshResult> run, Fingerprint256 fingerprint, RefreshReason reason)
    {
        RefreshResult result = await run;
        metrics.Refreshed(reason.ToTag(), result.ToTag());
        if (result == RefreshResult.Failed)
        {
            attempts.Fail(fingerprint);
        }
        else
        {
            attempts.End(fingerprint);
        }
    }
}
