namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// Two bounds of a scope, kept as accounts: on wrong answers over all its requests, and on wrong ones among the served. Every request that is
/// looked up pays the first bound in, every served answer the second, and each served answer costs both the probability that it is wrong. What
/// is not spent on sure answers can be spent on less sure ones, so that the bounds are used and, in expectation, never passed. The less there
/// is, the surer an answer must be.
/// </summary>
internal sealed class ErrorAccount
{
    // Wrong answers' worth that can be saved up: a quiet week must not pay for a bad hour.
    private const double MostSaved = 2;

    // Of the bound among the served: what is left over is for bad luck, which a share of few has more of than a share of many.
    private const double Spendable = 0.75;

    private readonly Lock _lock = new();
    private double _requests;
    private double _served;

    /// <summary>Answers served on it.</summary>
    public long Served { get; private set; }

    public void PayIn(double errorBound)
    {
        lock (_lock)
        {
            _requests = Math.Min(_requests + errorBound, MostSaved);
        }
    }

    /// <summary>Takes the price if both bounds allow it at this moment: of several that ask at once, only those whose prices fit together get it.</summary>
    /// <param name="price">Probability that what is about to be served is wrong.</param>
    /// <returns>False: nothing was taken, and nothing may be served.</returns>
    public bool TrySpend(double price, in LearnedSettings settings)
    {
        lock (_lock)
        {
            double limit = PriceLimit_NeedsLock(settings);
            if (!(price <= limit) || limit <= 0)
            {
                return false;
            }

            _requests -= price;
            _served = Math.Min(_served + (Spendable * settings.ServedBound) - price, MostSaved);
            Served++;
            return true;
        }
    }

    /// <summary>The probability of being wrong up to which an answer may be served now; 0: nothing may.</summary>
    public double PriceLimit(in LearnedSettings settings)
    {
        lock (_lock)
        {
            return PriceLimit_NeedsLock(settings);
        }
    }

    private double PriceLimit_NeedsLock(in LearnedSettings settings)
    {
        double highest = 1 - settings.MinimumProbability;
        return Math.Clamp(Math.Min(_requests, (Spendable * settings.ServedBound) + (highest * _served)), 0, highest);
    }
}
