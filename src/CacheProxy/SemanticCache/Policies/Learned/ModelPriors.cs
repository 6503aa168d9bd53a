namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>What the model believes before it has seen anything, in variances of the logit, and how much it remembers.</summary>
internal sealed record ModelPriors
{
    public static ModelPriors Default { get; } = new();

    /// <summary>The cascade's score was calibrated on other texts than this installation's.</summary>
    public double ShiftVariance { get; init; } = 0.25;

    /// <summary>
    /// The score is right on average over entries. One entry's curve is steeper than the average of many that lie apart: by so much that a new
    /// entry of a new partition is expected to be right exactly as often as the score says.
    /// </summary>
    public double Slope => Math.Sqrt(1 + (Logistic.ProbitScale * (EntryVariance + PartitionVariance)));

    public double SlopeVariance { get; init; } = 0.1;

    /// <summary>Vectors that are all but equal may say more than the score, which was fitted on questions that are further apart.</summary>
    public double ClosenessVariance { get; init; } = 0.3;

    public double PartitionVariance { get; init; } = 0.25;

    public double EntryVariance { get; init; } = 1;

    /// <summary>Added to the shift's variance with every observation: a line that 1,000 observations have fixed follows a change within 500 more.</summary>
    public double Drift { get; init; } = 2e-4;

    /// <summary>Added to an entry's variance with every observation of it.</summary>
    public double EntryDrift { get; init; } = 0.01;

    public int MostEntries { get; init; } = 100_000;

    public int MostPartitions { get; init; } = 10_000;
}
