namespace CacheProxy.Stores.Memory;

/// <summary>
/// Three queues (S3-FIFO, Yang et al., SOSP 2023): newcomers wait in a small one and enter the main one only when read
/// there, or when they come back soon after having been dropped (the ghosts remember). A flood of questions asked once
/// passes through the small queue and leaves the main one alone; a hit moves nothing.
/// </summary>
internal sealed class S3FifoPolicy(long sizeLimitBytes) : IEvictionPolicy
{
    // A tenth, the paper's value.
    private readonly long _smallLimitBytes = sizeLimitBytes / 10;
    private readonly NodeQueue _small = new();
    private readonly NodeQueue _main = new();
    private readonly GhostQueue _ghosts = new();

    public long SizeBytes => _small.SizeBytes + _main.SizeBytes;

    public void OnHit(MemoryNode node) => node.Touch();

    public void Add_NeedsLock(MemoryNode node, MemoryNode? replaced)
    {
        // A refreshed entry keeps what its predecessor earned: it is the same question.
        node.Uses = replaced?.Uses ?? 0;
        node.IsProven = _ghosts.TryForget(node.Entry.Fingerprint) || replaced is { IsProven: true } or { Uses: > 0 };
        (node.IsProven ? _main : _small).Add(node);
    }

    public void Remove_NeedsLock(MemoryNode node) => node.Queue?.Remove(node);

    public MemoryNode Evict_NeedsLock()
    {
        while (true)
        {
            bool fromSmall = _main.Count == 0 || (_small.Count > 0 && _small.SizeBytes >= _smallLimitBytes);
            MemoryNode node = (fromSmall ? _small : _main).TakeOldest();
            if (node.Uses == 0)
            {
                if (fromSmall)
                {
                    _ghosts.Remember(node.Entry.Fingerprint, capacity: Math.Max(_main.Count + _small.Count, 64));
                }

                return node;
            }

            // Read since the last look: on to, or once more round, the main queue. Uses is capped at 3, so a node
            // goes round at most three times before it leaves and the cost per eviction is bounded.
            node.Uses = fromSmall ? 0 : node.Uses - 1;
            node.IsProven = true;
            _main.Add(node);
        }
    }
}
