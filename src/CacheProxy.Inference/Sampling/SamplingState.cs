using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Sampling;

/// <summary>What sampling remembers of one sequence: its options, its seed and the tokens it generated.</summary>
public sealed class SamplingState
{
    private readonly Dictionary<int, int>? _counts;

    /// <param name="seed">Used when the options name none.</param>
    public SamplingState(SamplingOptions options, long seed)
    {
        Options = options;
        Seed = options.Seed ?? seed;
        if (options.PresencePenalty != 0 || options.FrequencyPenalty != 0)
        {
            _counts = [];
        }
    }

    public SamplingOptions Options { get; }

    public long Seed { get; }

    /// <summary>Tokens generated so far = index of the next draw.</summary>
    public int Generated { get; private set; }

    /// <summary>Whether the logits have to be changed before a token is chosen.</summary>
    public bool HasPenalties => _counts is { Count: > 0 };

    public void Record(int token)
    {
        Generated++;
        if (_counts is not null)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;
        }
    }

    /// <summary>Subtracts presence once and frequency per occurrence from each generated token's logit.</summary>
    public void Penalise(Span<float> logits)
    {
        if (_counts is null)
        {
            return;
        }

        foreach ((int token, int count) in _counts)
        {
            logits[token] -= Options.PresencePenalty + (Options.FrequencyPenalty * count);
        }
    }
}
