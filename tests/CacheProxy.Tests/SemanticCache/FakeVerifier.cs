using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>One logit for all pairs, settable by pair; made to fail or stall on demand.</summary>
internal sealed class FakeVerifier : IVerifier
{
    public string Fingerprint { get; init; } = "fake-verifier";

    public Func<QuestionPair, VerifierScore> Score { get; set; } = _ => new VerifierScore(5f, false);

    public Exception? Failure { get; set; }

    public TaskCompletionSource? Stall { get; set; }

    public List<QuestionPair> Seen { get; } = [];

    public async ValueTask<IReadOnlyList<VerifierScore>> ScoreAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken)
    {
        lock (Seen)
        {
            Seen.AddRange(pairs);
        }

        if (Stall is { } stall)
        {
            await stall.Task;
        }

        return Failure is null ? [.. pairs.Select(Score)] : throw Failure;
    }
}
