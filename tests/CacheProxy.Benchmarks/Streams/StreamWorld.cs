namespace CacheProxy.Benchmarks.Streams;

/// <summary>Questions whose truth is known: two have the same answer exactly where they are of the same class.</summary>
internal abstract class StreamWorld
{
    /// <summary>[text] → class.</summary>
    public required int[] Classes { get; init; }

    /// <summary>[text] → partition.</summary>
    public required int[] Partitions { get; init; }

    public int Count => Classes.Length;

    /// <summary>What the cascade knows of a stored and an asked question, nearest first; those that a guard keeps apart have no probability.</summary>
    public abstract IReadOnlyList<StreamCandidate> CandidatesOf(int asked);
}
