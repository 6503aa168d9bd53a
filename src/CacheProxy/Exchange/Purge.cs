namespace CacheProxy.Exchange;

/// <summary>One purge that this process knows of.</summary>
/// <param name="mark">Its place in the order of this process.</param>
/// <param name="number">See <see cref="Number"/>.</param>
public sealed class Purge(long mark, EntrySelector selector, long number)
{
    /// <summary>The number of a purge that the other proxies do not know yet: none of their answers can have been asked for after it.</summary>
    public const long Untold = long.MaxValue;

    private long _number = number;

    public long Mark => mark;

    public EntrySelector Selector => selector;

    /// <summary>Its place in the order of all proxies that share a Redis; <see cref="Untold"/> until it has one.</summary>
    public long Number
    {
        get => Volatile.Read(ref _number);
        set => Volatile.Write(ref _number, value);
    }
}
