using System.Diagnostics;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Fair shares by virtual token counters (Sheng et al., "Fairness in Serving Large Language Models"): of the tenants with
/// waiting requests the one that has been served least starts next, so a tenant that floods the queue delays itself alone.
/// A prompt's computed tokens count once, a generated token twice: on CPU and GPU alike decoding costs about that much more.
/// </summary>
internal sealed class TenantShares
{
    private const double GeneratedWeight = 2;

    /// <summary>Idle tenants ahead of the others that are remembered; they are the only ones whose counter says something.</summary>
    private const int MaxRemembered = 1024;

    private readonly Dictionary<string, TenantShare> _shares = new(StringComparer.Ordinal);

    /// <summary>Counter of the tenant that started last, before it was charged: where an idle engine's newcomer begins.</summary>
    private double _floor;

    public int Count => _shares.Count;

    /// <summary>A request arrives. A tenant that was idle starts level with the least served one that waits.</summary>
    public TenantShare Arrive(string tenant)
    {
        if (!_shares.TryGetValue(tenant, out TenantShare? share))
        {
            Forget();
            _shares.Add(tenant, share = new TenantShare(tenant));
        }

        if (share.Requests == 0)
        {
            share.Served = Math.Max(share.Served, LeastWaiting());
        }

        share.Requests++;
        share.Waiting++;
        return share;
    }

    /// <param name="computedTokens">Prompt tokens that have to be computed for it; 0 when it only resumes.</param>
    public void Start(TenantShare share, int computedTokens)
    {
        Debug.Assert(share.Waiting > 0);
        share.Waiting--;
        _floor = Math.Max(_floor, share.Served);
        share.Served += computedTokens;
    }

    public static void Preempt(TenantShare share) => share.Waiting++;

    public static void Generate(TenantShare share, int tokens) => share.Served += GeneratedWeight * tokens;

    /// <param name="wasWaiting">It held no blocks.</param>
    public void End(TenantShare share, bool wasWaiting)
    {
        share.Requests--;
        share.Waiting -= wasWaiting ? 1 : 0;
        if (share.Requests == 0 && share.Served <= _floor)
        {
            _shares.Remove(share.Tenant);
        }
    }

    private double LeastWaiting()
    {
        double least = double.PositiveInfinity;
        foreach (TenantShare share in _shares.Values)
        {
            least = share.Waiting > 0 ? Math.Min(least, share.Served) : least;
        }

        return double.IsFinite(least) ? least : _floor;
    }

    private void Forget()
    {
        if (_shares.Count < MaxRemembered)
        {
            return;
        }

        // First those that the floor has caught up with, which loses nothing; then any idle one.
        foreach (double ahead in (ReadOnlySpan<double>)[_floor, double.PositiveInfinity])
        {
            foreach ((string tenant, TenantShare share) in _shares)
            {
                if (share.Requests == 0 && share.Served <= ahead)
                {
                    _shares.Remove(tenant);
                }
            }

            if (_shares.Count < MaxRemembered / 2)
            {
                return;
            }
        }
    }
}
