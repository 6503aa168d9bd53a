using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Observability;
using Microsoft.Extensions.Options;

namespace CacheProxy.ExactCache;

/// <summary>
/// Decides when an entry is refreshed behind the clients' backs: one refresh at a time for a fingerprint, none for a while after one that
/// failed. Each goes out at once with the asking client's own request; none is kept for later, when its credentials may be gone.
/// </summary>
public sealed class EntryRefresher(
    IBackgroundRefresh refresh, EntryTiers tiers, IOptionsMonitor<ExactOptions> options, CacheProxyMetrics metrics, TimeProvider clock)
{
    // The wait doubles five times.
    private const int MostDoublings = 5;

    // Failures beyond this many are forgotten, the oldest waits first.
    private const int MaxRemembered = 4096;

    private readonly ConcurrentDictionary<Fingerprint256, Attempt> _attempts = new();

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
        Attempt attempt = _attempts.GetOrAdd(fingerprint, static _ => new Attempt());
        if (!attempt.TryBegin(clock.GetTimestamp()))
        {
            return;
        }

        // This client may have been given the entry just before a refresh replaced it.
        if (tiers.FindAtOnce(exchange) is { } landed && landed.CreatedAt > entry.CreatedAt)
        {
            _attempts.TryRemove(KeyValuePair.Create(fingerprint, attempt));
            return;
        }

        _ = FinishAsync(refresh.RefreshAsync(context, exchange, entry), fingerprint, attempt, reason);
    }

    private async Task FinishAsync(Task<RefreshResult> run, Fingerprint256 fingerprint, Attempt attempt, RefreshReason reason)
    {
        RefreshResult result = await run;
        metrics.Refreshed(reason.ToTag(), result.ToTag());
        if (result != RefreshResult.Failed)
        {
            _attempts.TryRemove(KeyValuePair.Create(fingerprint, attempt));
            return;
        }

        TimeSpan wait = TimeSpan.FromSeconds(options.CurrentValue.RefreshBackoffSeconds) * (1 << Math.Min(attempt.Failures, MostDoublings));
        attempt.Fail(clock.GetTimestamp() + (long)(wait.TotalSeconds * clock.TimestampFrequency));
        Forget();
    }

    private void Forget()
    {
        if (_attempts.Count <= MaxRemembered)
        {
            return;
        }

        foreach (var (fingerprint, attempt) in _attempts.Where(item => !item.Value.IsRunning).OrderBy(item => item.Value.NotBefore).Take(MaxRemembered / 8).ToArray())
        {
            _attempts.TryRemove(KeyValuePair.Create(fingerprint, attempt));
        }
    }

    private sealed class Attempt
    {
        private int _isRunning;

        public bool IsRunning => Volatile.Read(ref _isRunning) != 0;

        public int Failures { get; private set; }

        /// <summary>Timestamp of the next try.</summary>
        public long NotBefore { get; private set; } = long.MinValue;

        public bool TryBegin(long now) => now >= NotBefore && Interlocked.CompareExchange(ref _isRunning, 1, 0) == 0;

        public void Fail(long notBefore)
        {
            Failures++;
            NotBefore = notBefore;
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
