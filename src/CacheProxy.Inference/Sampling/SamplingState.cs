using System.Runtime.InteropServices;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Sampling;

/// <summary>What sampling remembers of one sequence: its options, its seed and the tokens it generated.</summary>
public sealed class SamplingState
{
    private readonly Dictionary<int, int>? _counts;
    private readonly HashSet<int>? _seen;
    private readonly (int Token, float Bias)[] _bias;

    /// <param name="seed">Used when the options name none.</param>
    /// <param name="prompt">For the repetition penalty, which counts the prompt's tokens too.</param>
    /// <param name="bias">Per token, added to its logit.</param>
    public SamplingState(SamplingOptions options, long seed, ReadOnlySpan<int> prompt = default, IReadOnlyDictionary<int, float>? bias = null)
    {
        Options = options;
        Seed = options.Seed ?? seed;
        _bias = [.. (bias ?? new Dictionary<int, float>()).Select(item => (item.Key, item.Value))];
        if (options.PresencePenalty != 0 || options.FrequencyPenalty != 0)
        {
            _counts = [];
        }

        if (options.RepetitionPenalty != 1f)
        {
            _seen = [.. prompt];
        }
    }

    public SamplingOptions Options { get; }

    public long Seed { get; }

    /// <summary>Tokens generated so far = index of the next draw.</summary>
    public int Generated { get; private set; }

    /// <summary>Whether the logits have to be changed before a token is chosen.</summary>
    public bool ChangesLogits => _counts is { Count: > 0 } || _seen is { Count: > 0 } || _bias.Length > 0;

    public void Record(int token)
    {
        Generated++;
        _seen?.Add(token);
        if (_counts is not null)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;
        }
    }

    /// <summary>Adds the bias, then applies the penalties: repetition first, presence once and frequency per occurrence (vLLM's order).</summary>
    public void Adjust(Span<float> logits)
    {
        foreach ((int token, float bias) in _bias)
        {
            logits[token] += bias;
        }

        if (_seen is not null)
        {
            foreach (int token in _seen)
            {
                ref float logit = ref logits[token];
                logit = logit > 0 ? logit / Options.RepetitionPenalty : logit * Options.RepetitionPenalty;
            }
        }

        if (_counts is not null)
        {
            foreach ((int token, int count) in _counts)
            {
                logits[token] -= Options.PresencePenalty + (Options.FrequencyPenalty * count);
            }
        }
    }
}
