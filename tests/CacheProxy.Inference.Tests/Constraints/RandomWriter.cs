using System.Text;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Tests.Constraints;

/// <summary>A model with random logits: writes any text that a constraint allows, with no sense for where it should end.</summary>
internal sealed class RandomWriter(ITokenVocabulary vocabulary, int seed)
{
    private readonly Random _random = new(seed);
    private readonly Sampler _sampler = new(vocabulary.Count);
    private readonly float[] _logits = new float[vocabulary.Count];

    /// <param name="endBias">Added to the logits of what closes something: 0: answers run on, 8: they end soon.</param>
    /// <returns>The text, or null when it was not complete after so many tokens.</returns>
    public string? Write(ITokenConstraint constraint, int maxTokens, float endBias = 6f)
    {
        ITokenConstraintState state = constraint.Start();
        var sampling = new SamplingState(new SamplingOptions(Temperature: 1f), _random.NextInt64());
        var bytes = new List<byte>();
        for (int i = 0; i < maxTokens; i++)
        {
            FillLogits(endBias);
            ReadOnlySpan<uint> allowed = state.Allowed();
            int token = _sampler.Choose(_logits, sampling, allowed);
            Assert.True(token >= 0, $"no token can follow {Encoding.UTF8.GetString([.. bytes])}");
            sampling.Record(token);
            if (vocabulary.IsEndOfSequence(token))
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }

            state.Advance(token);
            bytes.AddRange(vocabulary.BytesOf(token));
        }

        return null;
    }

    private void FillLogits(float endBias)
    {
        // A new random row in the time of a copy: the order of a fixed one, shifted.
        if (_logits[0] == 0)
        {
            for (int token = 0; token < _logits.Length; token++)
            {
                _logits[token] = (_random.NextSingle() * 6f) - 3f + (Closes(token) ? endBias : 0);
            }
        }

        int shift = _random.Next(1, 50);
        _logits[shift] += _random.NextSingle() - 0.5f;
    }

    private bool Closes(int token)
    {
        ReadOnlySpan<byte> bytes = vocabulary.BytesOf(token);
        return vocabulary.IsEndOfSequence(token) || (bytes.Length is > 0 and < 4 && bytes.IndexOfAny("\"}]"u8) >= 0);
    }
}
