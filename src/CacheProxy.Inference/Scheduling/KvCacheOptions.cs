using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Scheduling;

/// <summary>How the engine keeps KV blocks that nobody uses now.</summary>
public sealed record KvCacheOptions
{
    /// <summary>What the pool gives up goes to memory and disk. Default: nowhere.</summary>
    public KvTierOptions Tiers { get; init; } = new();

    /// <summary>The part of the pool that pins may hold, 0 to 0.9; beyond it a pin is refused. Default 0.25.</summary>
    public double MaxPinnedShare { get; init; } = 0.25;

    /// <summary>The longest time that a pin may ask for; more is cut to it. Default a day.</summary>
    public TimeSpan MaxPinTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Evict by last use alone, for comparison; otherwise reuse and recompute cost count too. Default off.</summary>
    public bool LeastRecentlyUsed { get; init; }

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    public void Validate()
    {
        Tiers.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPinnedShare, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPinnedShare, 0.9);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxPinTtl, TimeSpan.Zero);
    }
}
