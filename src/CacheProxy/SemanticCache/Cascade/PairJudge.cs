using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Cascade;

/// <summary>
/// The steps that look at two questions: guards → verifier → policy. The look-up of a request and the tools that judge labelled pairs both take
/// them from here, so that what is measured is what is served. Faults surface as exceptions.
/// </summary>
public sealed class PairJudge(GuardChain guards, IVerifier verifier, CascadeScore score, ISemanticPolicy policy)
{
    /// <returns>The name of the first guard that vetoes, or null.</returns>
    public string? FirstVeto(QuestionText cached, QuestionText asked) => guards.FirstVeto(cached, asked);

    /// <summary>Names of all guards that veto, in the order in which they are asked.</summary>
    public IReadOnlyList<string> Vetoes(QuestionText cached, QuestionText asked) => guards.Vetoes(cached, asked);

    /// <summary>Verifier, in one batch, then policy.</summary>
    /// <returns>One judgement for each candidate, in order.</returns>
    public async ValueTask<IReadOnlyList<PairJudgement>> JudgeAsync(IReadOnlyList<PairCandidate> candidates, CancellationToken cancellationToken)
    {
        QuestionPair[] pairs = [.. candidates.Select(candidate => new QuestionPair(candidate.Cached.Original, candidate.Asked.Original))];
        IReadOnlyList<VerifierScore> scores = await verifier.ScoreAsync(pairs, cancellationToken);
        if (scores.Count != pairs.Length)
        {
            throw new InvalidOperationException($"The verifier gave {scores.Count} scores for {pairs.Length} pairs.");
        }

        return [.. scores.Select((verified, i) => Judge(candidates[i], verified))];
    }

    // A pair that the verifier has read in part is not for the policy to decide.
    private PairJudgement Judge(PairCandidate candidate, VerifierScore verified)
    {
        if (verified.IsTruncated)
        {
            return new PairJudgement(verified.Logit, true, default, default);
        }

        SemanticEvidence evidence = score.Weigh(
            candidate.Cosine, verified.Logit, PairFeatures.Read(new TextPair(candidate.Cached, candidate.Asked)), candidate.StaticCosine);
        return new PairJudgement(verified.Logit, false, evidence, policy.Decide(candidate.Scope, evidence));
    }
}
