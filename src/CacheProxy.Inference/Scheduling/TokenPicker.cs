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

    // What a request that has not generated enough yet cannot choose.
    private readonly int[] _ends = [.. Enumerable.Range(0, Math.Min(vocabularySize, vocabulary.Count)).Where(vocabulary.IsEndOfSequence)];

    /// <summary>Appends the next token to the sequence and its output. Allocates nothing of its own without log probabilities.</summary>
    /// <param name="row">Logits, [vocabulary].</param>
    /// <param name="error">Set when the row holds no finite maximum.</param>
    /// <returns>Why the sequence ends here, or null when it goes on.</returns>
    public FinishReason? Pick(Sequence sequence, ReadOnlySpan<float> row, long now, out string? error)
    {
        ReadOnlySpan<float> logits = row[.._size];
        int token = Choose(sequence, logits);
        error = token < 0 ? "The model produced logits that are not finite." : null;
        if (error is not null)
        {
            return FinishReason.Error;
        }

        sequence.Append(token, now);
        if (vocabulary.IsEndOfSequence(token) && (!sequence.Request.IgnoreEndOfSequence || sequence.Constraint is not null))
        {
            return FinishReason.Stop;
        }

        sequence.Constraint?.Advance(token);
        int generated = sequence.Sampling.Generated;
        if (sequence.Output.Append(vocabulary.BytesOf(token), Describe(sequence.Request.TopLogProbs, logits, token), mayStop: generated > sequence.Request.MinTokens))
        {
            return FinishReason.Stop;
        }

        return generated >= sequence.MaxTokens ? FinishReason.Length : null;
    }

    /// <summary>Reports how likely a token of the prompt was.</summary>
    /// <param name="row">Logits behind the token before it, [vocabulary].</param>
    public void DescribePrompt(Sequence sequence, ReadOnlySpan<float> row, int position)
        => sequence.Output.Append([], Describe(sequence.Request.PromptLogProbs, row[.._size], sequence.Tokens[position]), mayStop: false);

    private int Choose(Sequence sequence, ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<uint> allowed = sequence.Constraint is { } constraint ? constraint.Allowed() : default;
        bool mustGoOn = sequence.Sampling.Generated < sequence.Request.MinTokens;
        int token = _sampler.Choose(logits, sequence.Sampling, allowed, mustGoOn ? _ends : []);

        // A constrained answer that is complete has nothing but its end left, however short it is.
        return token < 0 && mustGoOn && !allowed.IsEmpty ? _sampler.Choose(logits, sequence.Sampling, allowed) : token;
    }

    private TokenLogProb? Describe(int? alternatives, ReadOnlySpan<float> logits, int token)
    {
        if (alternatives is not { } count)
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
