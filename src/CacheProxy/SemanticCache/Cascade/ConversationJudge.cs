using System.Numerics.Tensors;
using CacheProxy.Fingerprint;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Cascade;

/// <summary>
/// Whether what was said before two matching questions matches too, so that "and the second one?" means the same in both. Turn by turn: the same number
/// of turns, each earlier question equal or served by the very steps that serve the last one, each earlier answer one that agrees
/// (<see cref="AnswerAgreement"/>). Cheap turns first. Faults surface as exceptions.
/// </summary>
public sealed class ConversationJudge(IEmbedder embedder, PairJudge judge)
{
    /// <param name="scope">Of the candidate, for the policy.</param>
    public async ValueTask<bool> MatchAsync(
        IReadOnlyList<ConversationTurn>? cached, IReadOnlyList<ConversationTurn> asked, PolicyScope scope, SemanticOptions options, CancellationToken cancellationToken)
    {
        if (cached is null || cached.Count != asked.Count)
        {
            return false;
        }

        var pairs = new List<(QuestionText Cached, QuestionText Asked)>();
        for (int i = 0; i < cached.Count; i++)
        {
            if (cached[i] == asked[i])
            {
                continue;
            }

            if (cached[i].IsQuestion != asked[i].IsQuestion
                || (asked[i].IsQuestion ? !TryPair(cached[i].Text, asked[i].Text, options, pairs) : !AnswerAgreement.Agree(cached[i].Text, asked[i].Text)))
            {
                return false;
            }
        }

        return pairs.Count == 0 || await ServesAllAsync(pairs, scope, options, cancellationToken);
    }

    private bool TryPair(string cached, string asked, SemanticOptions options, List<(QuestionText Cached, QuestionText Asked)> pairs)
    {
        if (SemanticEligibility.CheckText(cached, options, out QuestionText? left) != SemanticReason.None
            || SemanticEligibility.CheckText(asked, options, out QuestionText? right) != SemanticReason.None
            || left!.Script != right!.Script || judge.FirstVeto(left, right) is not null)
        {
            return false;
        }

        pairs.Add((left, right));
        return true;
    }

    private async ValueTask<bool> ServesAllAsync(
        List<(QuestionText Cached, QuestionText Asked)> pairs, PolicyScope scope, SemanticOptions options, CancellationToken cancellationToken)
    {
        var candidates = new PairCandidate[pairs.Count];
        for (int i = 0; i < candidates.Length; i++)
        {
            float cosine = await CosineAsync(pairs[i].Cached.Original, pairs[i].Asked.Original, cancellationToken);
            if (!(cosine >= options.MinimumSimilarity))
            {
                return false;
            }

            candidates[i] = new PairCandidate(scope, pairs[i].Cached, pairs[i].Asked, cosine, null);
        }

        IReadOnlyList<PairJudgement> judgements = await judge.JudgeAsync(candidates, cancellationToken);
        return judgements.All(judgement => !judgement.IsTruncated && judgement.Verdict.Serves);
    }

    // NaN for what the encoder did not read whole.
    private async ValueTask<float> CosineAsync(string cached, string asked, CancellationToken cancellationToken)
    {
        Embedding left = await embedder.EmbedAsync(cached, cancellationToken);
        Embedding right = await embedder.EmbedAsync(asked, cancellationToken);
        return left.IsTruncated || right.IsTruncated || left.Vector.Length != right.Vector.Length
            ? float.NaN
            : TensorPrimitives.CosineSimilarity(left.Vector.Span, right.Vector.Span);
    }
}
