namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// How the logit of "the answer is right" goes with the evidence, for everybody: shift + slope * logit(score) + closeness * how close the vectors
/// are. A normal belief about the three with all their covariances. Immutable: readers see all of it or none.
/// </summary>
internal sealed class Curve
{
    private const int Terms = 3;

    private readonly double[] _mean;
    private readonly double[] _covariance;

    private Curve(double[] mean, double[] covariance, long seen) => (_mean, _covariance, Seen) = (mean, covariance, seen);

    public Curve(ModelPriors priors)
        : this([0, priors.Slope, 0], [priors.ShiftVariance, 0, 0, 0, priors.SlopeVariance, 0, 0, 0, priors.ClosenessVariance], 0)
    {
    }

    /// <summary>Observations learned from.</summary>
    public long Seen { get; }

    public double Shift => _mean[0];

    public double Slope => _mean[1];

    /// <summary>The evidence's three terms; the last is 0 at a cosine of 0.9, rises by 0.7 with each halving of the distance and ends at a cosine of 0.99.</summary>
    public static double[] TermsOf(double score, double cosine) => [1, Logistic.Logit(score), Math.Log(0.11) - Math.Log(Math.Max(0.01, 1 - cosine) + 0.01)];

    public double MeanOf(double[] terms) => (_mean[0] * terms[0]) + (_mean[1] * terms[1]) + (_mean[2] * terms[2]);

    public double VarianceOf(double[] terms)
    {
        double[] along = Along(terms);
        return (along[0] * terms[0]) + (along[1] * terms[1]) + (along[2] * terms[2]);
    }

    /// <summary>The same, of a world that may have changed a little.</summary>
    public Curve Aged(double drift)
    {
        double[] covariance = [.. _covariance];
        covariance[0] += drift;
        return new Curve(_mean, covariance, Seen);
    }

    /// <param name="pull">Where an observation pulls the logit, per variance.</param>
    /// <param name="information">How much surer it makes it, per variance squared.</param>
    public Curve Moved(double[] terms, double pull, double information)
    {
        double[] along = Along(terms), mean = new double[Terms], covariance = new double[Terms * Terms];
        for (int i = 0; i < Terms; i++)
        {
            mean[i] = _mean[i] + (along[i] * pull);
            for (int j = 0; j < Terms; j++)
            {
                covariance[(i * Terms) + j] = _covariance[(i * Terms) + j] - (along[i] * along[j] * information);
            }
        }

        // Evidence that says the opposite of what it should is none: the curve never falls.
        mean[1] = Math.Max(0, mean[1]);
        mean[2] = Math.Max(0, mean[2]);
        return new Curve(mean, covariance, Seen + 1);
    }

    private double[] Along(double[] terms)
    {
        double[] along = new double[Terms];
        for (int i = 0; i < Terms; i++)
        {
            for (int j = 0; j < Terms; j++)
            {
                along[i] += _covariance[(i * Terms) + j] * terms[j];
            }
        }

        return along;
    }
}
