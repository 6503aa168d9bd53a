namespace CacheProxy.Benchmarks.Cascade;

/// <summary>Logistic regression beside a fixed offset, each weight kept in [lowest, 0], by Newton steps on one weight at a time. Deterministic.</summary>
internal static class BoundedLogistic
{
    private const int Rounds = 200;

    /// <param name="rows">Label, offset, features.</param>
    /// <param name="lowest">No weight goes below it.</param>
    /// <param name="ridge">Pull of each weight to 0, in rows.</param>
    public static double[] Fit(IReadOnlyList<(bool Label, double Offset, double[] X)> rows, double lowest, double ridge)
    {
        double[] weights = new double[rows[0].X.Length];
        for (int round = 0; round < Rounds; round++)
        {
            for (int j = 0; j < weights.Length; j++)
            {
                double slope = -ridge * weights[j], curve = ridge;
                foreach ((bool label, double offset, double[] x) in rows)
                {
                    double p = Probability(offset, weights, x);
                    slope += ((label ? 1 : 0) - p) * x[j];
                    curve += p * (1 - p) * x[j] * x[j];
                }

                weights[j] = Math.Clamp(weights[j] + (slope / curve), lowest, 0);
            }
        }

        return weights;
    }

    public static double Probability(double offset, double[] weights, double[] x)
    {
        double z = offset;
        for (int j = 0; j < weights.Length; j++)
        {
            z += weights[j] * x[j];
        }

        return 1 / (1 + Math.Exp(-z));
    }
}
