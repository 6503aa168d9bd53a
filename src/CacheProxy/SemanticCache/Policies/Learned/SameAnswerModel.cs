using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// How surely a stored answer is right: logit = the curve of the evidence + the partition's effect + the entry's effect. Everybody's
/// observations move the curve, a partition's move its effect and so on, each by as much as it is still unsure: an entry that was never
/// seen is judged by its partition's record, a new partition by the whole's. One step of moment matching (assumed-density filtering) for each
/// observation, so learning costs the same after a million. Safe for many readers beside one writer at a time.
/// </summary>
internal sealed class SameAnswerModel(ModelPriors priors)
{
    private readonly Lock _lock = new();
    private readonly EffectTable _entries = new(priors.EntryVariance, priors.MostEntries);
    private readonly EffectTable _partitions = new(priors.PartitionVariance, priors.MostPartitions);
    private volatile Curve _curve = new(priors);

    /// <summary>Observations learned from.</summary>
    public long Seen => _curve.Seen;

    public int Entries => _entries.Count;

    /// <param name="score">The cascade's own, 0..1.</param>
    public Belief Judge(Fingerprint256 partition, Fingerprint256 entry, double score, double cosine)
    {
        Curve curve = _curve;
        double[] terms = Curve.TermsOf(score, cosine);
        Effect ofPartition = _partitions.Of(partition), ofEntry = _entries.Of(entry);
        return new Belief(curve.MeanOf(terms) + ofPartition.Mean + ofEntry.Mean, curve.VarianceOf(terms), ofPartition.Variance + ofEntry.Variance);
    }

    /// <summary>How often the entry was learned about.</summary>
    public int SeenOf(Fingerprint256 entry) => _entries.Of(entry).Seen;

    /// <param name="entry">Zero: one that is gone. What was seen of it says something of its partition and of the curve all the same.</param>
    public void Learn(Fingerprint256 partition, Fingerprint256 entry, double score, double cosine, bool isRight)
    {
        if (!double.IsFinite(score) || !double.IsFinite(cosine))
        {
            return;
        }

        double[] terms = Curve.TermsOf(score, cosine);
        lock (_lock)
        {
            Curve curve = _curve.Aged(priors.Drift);
            Effect ofPartition = _partitions.Of(partition), ofEntry = Aged(_entries.Of(entry));
            double variance = curve.VarianceOf(terms) + ofPartition.Variance + ofEntry.Variance;
            double mean = curve.MeanOf(terms) + ofPartition.Mean + ofEntry.Mean;

            // The belief after the observation, by its exact first two moments, the logistic taken as the normal distribution of the same slope.
            double scale = Math.Sqrt(Logistic.ProbitScale / (1 + (Logistic.ProbitScale * variance)));
            double sign = isRight ? 1 : -1;
            double margin = sign * mean * scale;
            double hazard = NormalDistribution.Hazard(margin);
            var step = new Step(sign * scale * hazard, scale * scale * hazard * (hazard + margin));
            _curve = curve.Moved(terms, step.Pull, step.Information);
            _partitions.Set(partition, Moved(ofPartition, step));
            if (entry != default)
            {
                _entries.Set(entry, Moved(ofEntry, step));
            }
        }
    }

    /// <summary>The entry is gone; a new one under its fingerprint is trusted no more than any, and no more than it was.</summary>
    public void Forget(Fingerprint256 entry)
    {
        lock (_lock)
        {
            if (_entries.Of(entry).Mean >= 0)
            {
                _entries.Remove(entry);
            }
        }
    }

    private static Effect Moved(Effect effect, Step step)
        => new(effect.Mean + (effect.Variance * step.Pull), effect.Variance - (effect.Variance * effect.Variance * step.Information), effect.Seen + 1);

    // What was learned of an entry wears off a little with each look, so that one whose answer goes out of date is not trusted for ever.
    private Effect Aged(Effect effect) => effect with { Variance = Math.Min(priors.EntryVariance, effect.Variance + priors.EntryDrift) };

    /// <summary>What one observation says of the logit: where it pulls it, and how much surer it makes it.</summary>
    private readonly record struct Step(double Pull, double Information);
}
