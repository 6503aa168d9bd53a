namespace CacheProxy.Benchmarks.Streams;

/// <summary>A world of real questions: duplicate components of label files with rule-made further wordings, judged by the product's cascade.</summary>
internal sealed class PairWorld : StreamWorld
{
    private readonly StreamCandidate[][] _candidates;

    public PairWorld(StreamCandidate[][] candidates) => _candidates = candidates;

    public override IReadOnlyList<StreamCandidate> CandidatesOf(int asked) => _candidates[asked];
}
