namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// Holds the expected prices against what they turned out to be: wrong answers found among sure candidates over the wrong ones that were expected.
/// Begins with caution and goes on as if one more had been wrong than were found. What is long ago counts less.
/// </summary>
internal sealed class PriceCheck
{
    /// <summary>Candidates that were less sure than this say nothing of those that are served.</summary>
    private const double MostExpected = 0.1;

    private const double Caution = 1.3;
    private const double Cheapest = 0.2;
    private const double Dearest = 3;

    // Of 400 observations half the weight is on the last 280.
    private const double Fading = 0.9975;

    private readonly Lock _lock = new();
    private double _expected;
    private double _found;

    /// <summary>What an expected price is to be taken times.</summary>
    public double Factor
    {
        get
        {
            lock (_lock)
            {
                return Math.Clamp((_found + Caution) / (_expected + 1), Cheapest, Dearest);
            }
        }
    }

    /// <param name="price">Expected probability that the answer is wrong.</param>
    public void Note(double price, bool isWrong)
    {
        if (!(price <= MostExpected))
        {
            return;
        }

        lock (_lock)
        {
            _expected = (_expected * Fading) + price;
            _found = (_found * Fading) + (isWrong ? 1 : 0);
        }
    }
}
