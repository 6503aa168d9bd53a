using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Scheduling;

/// <summary>From one row of logits to the sequence's next token, its text and, at the end, the reason to stop.</summary>
internal sealed class TokenPicker(int vocabularySize, ITokenVocabulary vocabulary)
{
    // Tables are often padded beyond the last real token; those rows' logits must never be chosen.
    private readonly int _size = Math.Min(vocabularySize, vocabulary.Count);
    private readonly Sampler _sampler = new(Math.Min(vocabularySize, vocabulary.Count));

    /// <summary>Appends the next token to the sequence and its output.</summary>
    /// <param name="row">Logits, [vocabulary].</param>
    /// <param name="error">Set when the row holds no finite maximum.</param>
    /// <returns>Why the sequence ends here, or null when it goes on.</returns>
    public FinishReason? Pick(Sequence sequence, ReadOnlySpan<float> row, long now, out string? error)
    {
        ReadOnlySpan<float> logits = row[.._size];
        int token = _sampler.Choose(logits, sequence.Sampling);
        error = token < 0 ? "The model produced logits that are not finite." : null;
        if (error is not null)
        {
            return FinishReason.Error;
        }

        sequence.Append(token, now);
        if (!sequence.Request.IgnoreEndOfSequence && vocabulary.IsEndOfSequence(token))
        {
            return FinishReason.Stop;
        }

        if (sequence.Output.Append(vocabulary.BytesOf(token), Describe(sequence, logits, token)))
        {
            return FinishReason.Stop;
        }

        return sequence.Usage.CompletionTokens >= sequence.MaxTokens ? FinishReason.Length : null;
    }

    private TokenLogProb? Describe(Sequence sequence, ReadOnlySpan<float> logits, int token)
    {
        if (sequence.Request.TopLogProbs is not { } count)
        {
            return null;
        }

        double normaliser = _sampler.LogSumExp(logits);
        var top = new (int, byte[], float)[Math.Min(count, logits.Length)];
        ReadOnlySpan<Candidate> best = _sampler.Top(logits, top.Length);
        for (int i = 0; i < top.Length; i++)
        {
            top[i] = (best[i].Token, vocabulary.BytesOf(best[i].Token).ToArray(), (float)(best[i].Weight - normaliser));
        }

        return new TokenLogProb(token, vocabulary.BytesOf(token).ToArray(), (float)(logits[token] - normaliser), top);
    }
}
