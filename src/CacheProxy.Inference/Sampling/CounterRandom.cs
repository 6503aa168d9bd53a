namespace CacheProxy.Inference.Sampling;

/// <summary>
/// Uniform numbers from (seed, index) alone. There is no state to advance, so a request draws the same numbers whatever
/// else is in its batch and however often it was preempted.
/// </summary>
public static class CounterRandom
{
    /// <returns>In [0, 1), a multiple of 2^-53.</returns>
    public static double Uniform(long seed, int index)
    {
        ulong key = Mix(unchecked((ulong)seed + 0x9E3779B97F4A7C15));
        ulong bits = Mix(unchecked(key + ((ulong)(uint)index * 0x9E3779B97F4A7C15)));
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
