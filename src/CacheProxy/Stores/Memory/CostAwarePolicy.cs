using System.Runtime.InteropServices;

namespace CacheProxy.Stores.Memory;

/// <summary>
/// Keeps what saves most per byte. When room is wanted, the least of a few entries drawn by lot leaves, by
/// <code>uses × what a hit saves / bytes / (time since the last read + 0.3)</code>
/// The newest always takes part: what is worth less than all that it would drive out is not admitted. Uses of entries that
/// have left live on in a sketch (TinyLFU, Einziger et al. 2017), so that one that comes back is known; they are halved from time to time. Time
/// is counted in turnovers: as many entries added as there are. A read moves nothing and takes no lock.
/// </summary>
/// <remarks>
/// Instead of TinyLFU's queues, because entries differ a hundredfold in what they save per byte and a queue knows none but the order
/// of use. Neither a window in front nor learning the weight of recency paid on the traces of the <c>eviction</c> benchmark; the draw does as
/// well as an exact order (GreedyDual-Size-Frequency), which every read would have to lock.
/// </remarks>
internal sealed class CostAwarePolicy(long sizeLimitBytes) : IEvictionPolicy
{
    // 8 cost 0.7 % of what is saved, 32 gain 0.3 %; the lot is drawn under the store's lock.
    private const int Drawn = 16;

    // Smaller: more like least recently used; larger: the uses alone count. Between the two every trace is served.
    private const double Freshest = 0.3;

    // Turnovers after which uses count half; TinyLFU's own sample size.
    private const int TurnoversPerHalving = 10;
    private const int FewestEntries = 64;

    // Of the store's room, so that its sketch takes 1/512 of it.
    private const int BytesPerCounter = 1024;
    private const int MostCounters = 1 << 22;

    private readonly FrequencySketch _past = new((int)Math.Clamp(sizeLimitBytes / BytesPerCounter, FewestEntries, MostCounters));
    private readonly List<MemoryNode> _nodes = [];
    private ulong _lot = 0x9E37_79B9_7F4A_7C15;
    private MemoryNode? _newest;
    private long _addsSinceHalving;
    private int _halvings;
    private volatile int _adds;

    public long SizeBytes { get; private set; }

    public void OnHit(MemoryNode node) => node.Touch(_adds);

    public void Add_NeedsLock(MemoryNode node, MemoryNode? replaced)
    {
        _adds++;
        node.Halvings = _halvings;
        node.LastRead = _adds;
        // A refreshed entry keeps what its predecessor earned: it is the same question.
        node.Uses = Math.Min(1 + (replaced is null ? _past.Estimate(node.Entry.Fingerprint) : UsesOf(replaced)), MemoryNode.MostUses);
        node.Place = _nodes.Count;
        _nodes.Add(node);
        SizeBytes += node.SizeBytes;
        _newest = node;
        if (++_addsSinceHalving >= (long)TurnoversPerHalving * Math.Max(_nodes.Count, FewestEntries))
        {
            _addsSinceHalving = 0;
            _halvings++;
            _past.Halve();
        }
    }

    public void Remove_NeedsLock(MemoryNode node)
    {
        if (node.Place < 0)
        {
            return;
        }

        MemoryNode last = _nodes[^1];
        _nodes[node.Place] = last;
        last.Place = node.Place;
        CollectionsMarshal.SetCount(_nodes, _nodes.Count - 1);
        node.Place = -1;
        SizeBytes -= node.SizeBytes;
    }

    public MemoryNode Evict_NeedsLock()
    {
        // Only against the first that it would drive out: once one has left for it, it stands among the others.
        MemoryNode? least = _newest is { Place: >= 0 } newest ? newest : null;
        _newest = null;
        double leastWorth = least is null ? double.PositiveInfinity : WorthOf(least);
        for (int i = 0; i < Drawn; i++)
        {
            MemoryNode drawn = _nodes[Draw(_nodes.Count)];
            double worth = WorthOf(drawn);
            if (worth < leastWorth || least is null)
            {
                (least, leastWorth) = (drawn, worth);
            }
        }

        _past.Raise(least!.Entry.Fingerprint, UsesOf(least));
        Remove_NeedsLock(least);
        return least;
    }

    private double WorthOf(MemoryNode node)
    {
        // Differences of a counter that may wrap, as clocks' do.
        double turnovers = Math.Max(0, _adds - node.LastRead) / (double)Math.Max(_nodes.Count, FewestEntries);
        return UsesOf(node) * node.ValuePerByte / (turnovers + Freshest);
    }

    private int UsesOf(MemoryNode node)
    {
        int missed = _halvings - node.Halvings;
        if (missed > 0)
        {
            // A read in between may be lost; it costs nothing.
            node.Uses = missed > 8 ? 0 : node.Uses >> missed;
            node.Halvings = _halvings;
        }

        return node.Uses;
    }

    // xorshift64*: what leaves must be hard to steer, not impossible to guess.
    private int Draw(int count)
    {
        _lot ^= _lot >> 12;
        _lot ^= _lot << 25;
        _lot ^= _lot >> 27;
        return (int)(((_lot * 0x2545_F491_4F6C_DD1D) >> 32) * (ulong)count >> 32);
    }
}
