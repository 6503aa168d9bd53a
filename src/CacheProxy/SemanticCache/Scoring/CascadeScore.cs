namespace CacheProxy.SemanticCache.Scoring;

/// <summary>
/// The cascade's own score: the calibrated probability that one answer serves both questions, from the verifier's logit, the encoder's cosine and
/// what the wording shows. A logistic model whose coefficients belong to one verifier. Immutable.
/// </summary>
public sealed class CascadeScore
{
    private readonly CascadeModel _model;

    public CascadeScore(CascadeModel model)
    {
        _model = model;
    }

    /// <summary>Cosine below which nothing is served: there was nothing to calibrate on.</summary>
    public double MinimumCosine => _model.MinimumCosine;

    /// <summary>The probability from which on the static policy serves when the operator names none.</summary>
    public double DefaultThreshold => _model.DefaultThreshold;

    /// <summary>0..1; 0 for a cosine under <see cref="MinimumCosine"/> and for input that is no number.</summary>
    public double Probability(in SemanticEvidence evidence)
    {
        // Written so that what is no number comes out as 0.
        if (!(evidence.Cosine >= MinimumCosine) || !float.IsFinite(evidence.Logit))
        {
            return 0;
        }

        PairFeatures features = evidence.Features;
        double z = _model.Intercept + (_model.Logit * evidence.Logit) + (_model.Cosine * evidence.Cosine)
            + (_model.Restricts * features.Restricts) + (_model.Replaced * features.Replaced)
            + (_model.NameAdded * features.NameAdded) + (_model.NumberAdded * features.NumberAdded)
            + (_model.NegationAdded * features.NegationAdded) + (_model.OtherKind * features.OtherKind);
        return double.IsFinite(z) ? 1 / (1 + Math.Exp(-z)) : 0;
    }

    /// <summary>Puts the evidence together, its probability included.</summary>
    public SemanticEvidence Weigh(float cosine, float logit, PairFeatures features, float? staticCosine = null)
    {
        var evidence = new SemanticEvidence { Cosine = cosine, Logit = logit, Features = features, StaticCosine = staticCosine };
        return evidence with { Probability = Probability(evidence) };
    }
}
