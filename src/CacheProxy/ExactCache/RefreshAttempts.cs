using System.Collections.Concurrent;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using Microsoft.Extensions.Options;

namespace CacheProxy.ExactCache;

/// <summary>One refresh at a time for a fingerprint, and none for a while after one that failed: <c>Exact:RefreshBackoffSeconds</c>, doubled with every failure.</summary>
public sealed class RefreshAttempts(IOptionsMonitor<ExactOptions> options, TimeProvider clock)
{
    // The wait doubles five times.
    private const int MostDoublings = 5;

    // Failures beyond this many are forgotten, the oldest waits first.
    private const int MaxRemembered = 4096;

    private readonly ConcurrentDictionary<Fingerprint256, Attempt> _attempts = new();

    /// <summary>True: the caller refreshes now, and ends it with one of the two others.</summary>
    public bool TryBegin(Fingerprint256 fingerprint) => _attempts.GetOrAdd(fingerprint, static _ => new Attempt()).TryBegin(clock.GetTimestamp());

    /// <summary>It succeeded, or was not needed.</summary>
    public void End(Fingerprint256 fingerprint) => _attempts.TryRemove(fingerprint, out _);

    public void Fail(Fingerprint256 fingerprint)
    {
        if (!_attempts.TryGetValue(fingerprint, out Attempt? attempt))
        {
            return;
        }

        TimeSpan wait = TimeSpan.FromSeconds(options.CurrentValue.RefreshBackoffSeconds) * (1 << Math.Min(attempt.Failures, MostDoublings));
        attempt.Fail(clock.GetTimestamp() + (long)(wait.TotalSeconds * clock.TimestampFrequency));
        if (_attempts.Count > MaxRemembered)
        {
            Forget();
        }
    }

    private void Forget()
    {
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
