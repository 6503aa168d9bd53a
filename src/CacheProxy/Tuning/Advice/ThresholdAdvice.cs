using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tuning.Advice;

/// <summary>What the evidence says of the threshold of all requests, or of one model and route.</summary>
/// <param name="Model">Empty: of all.</param>
/// <param name="Route">Empty: of all, or the model takes none.</param>
/// <param name="Known">Candidates whose outcome is known.</param>
/// <param name="Now">What the threshold of now does to them.</param>
/// <param name="Advised">What the advised one does, and its bound; null: the evidence shows the target for none.</param>
public sealed record ThresholdAdvice(string Model, string Route, int Known, OperatingPoint Now, CertifiedThreshold? Advised)
{
    // Decimals of a threshold that is written.
    private const double Precision = 1e6;

    /// <param name="evidence">Of the requests that the threshold is for.</param>
    /// <param name="now">The threshold of now.</param>
    public static ThresholdAdvice From(string model, string route, IReadOnlyList<Evidence> evidence, double now, double targetError, double confidence)
    {
        var curve = new ThresholdCurve(evidence.Select(one => one.Label));
        CertifiedThreshold? advised = CertifiedThreshold.Find(curve, targetError, confidence);
        if (advised is { } found)
        {
            // Rounded to the strict side: what is served then was part of what the bound was shown for.
            double rounded = Math.Min(1, Math.Ceiling(found.Point.Threshold * Precision) / Precision);
            advised = found with { Point = curve.At(rounded) };
        }

        return new ThresholdAdvice(model, route, curve.Count, curve.At(now), advised);
    }
}
