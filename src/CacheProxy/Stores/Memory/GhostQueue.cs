using CacheProxy.Exchange;

namespace CacheProxy.Stores.Memory;

/// <summary>Which fingerprints were dropped lately, without their entries. Not thread-safe.</summary>
internal sealed class GhostQueue
{
    private readonly Queue<Fingerprint256> _order = new();
    private readonly HashSet<Fingerprint256> _known = [];

    /// <param name="capacity">How many to remember at most, this one included.</param>
    public void Remember(Fingerprint256 fingerprint, int capacity)
    {
        if (_known.Add(fingerprint))
        {
            _order.Enqueue(fingerprint);
        }

        while (_order.Count > capacity)
        {
            _known.Remove(_order.Dequeue());
        }
    }

    /// <summary>True when it was known; from then on it is not.</summary>
    public bool TryForget(Fingerprint256 fingerprint) => _known.Remove(fingerprint);
}
