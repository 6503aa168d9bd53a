using CacheProxy.Exchange.Routes;

namespace CacheProxy.Forward.Routes;

/// <summary>
/// Whose turn it is among destinations with weights: smooth weighted round robin, which spreads the turns of a heavy one instead of giving them in a row. With
/// weights 5, 1, 1: a a b a c a a.
/// </summary>
internal sealed class DestinationWheel(IReadOnlyList<UpstreamDestination> destinations)
{
    private readonly Lock _lock = new();
    private readonly int[] _credits = new int[destinations.Count];

    /// <param name="mayTake">Those that it refuses neither get a turn nor save one up.</param>
    /// <returns>-1: it refused all.</returns>
    public int Next(Func<UpstreamDestination, bool> mayTake)
    {
        lock (_lock)
        {
            int total = 0;
            int best = -1;
            for (int i = 0; i < destinations.Count; i++)
            {
                if (!mayTake(destinations[i]))
                {
                    continue;
                }

                total += destinations[i].Weight;
                _credits[i] += destinations[i].Weight;
                if (best < 0 || _credits[i] > _credits[best])
                {
                    best = i;
                }
            }

            if (best >= 0)
            {
                _credits[best] -= total;
            }

            return best;
        }
    }
}
