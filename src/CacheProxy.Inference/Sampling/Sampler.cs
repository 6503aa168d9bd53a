using System.Numerics.Tensors;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Sampling;

/// <summary>
/// Chooses tokens from logits: penalties, temperature, min-p, top-k, top-p, then one draw. The buffers are shared by all
/// sequences (engine thread alone); what differs between them is in <see cref="SamplingState"/>.
/// </summary>
public sealed class Sampler
{
    /// <summary>Below this a division would overflow for ordinary logits; the result is the arg-max anyway.</summary>
    private const float GreedyBelow = 1e-5f;

    private const int MassStride = 256;

    private readonly float[] _weights;
    private readonly Candidate[] _candidates;
    private readonly Candidate[] _maxima;
    private readonly double[] _masses;

    /// <param name="vocabularySize">Logits of one row.</param>
    public Sampler(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        _weights = new float[vocabularySize];
        _candidates = new Candidate[vocabularySize];
        _maxima = new Candidate[(vocabularySize / Selection.MaximaStride) + 1];
        _masses = new double[(vocabularySize / MassStride) + 1];
    }

    /// <summary>Chooses the next token of a sequence; does not record it.</summary>
    /// <param name="logits">One row, [vocabulary]; not changed.</param>
    /// <returns>The token, or -1 when the logits hold no finite maximum (a broken model or kernel).</returns>
    public int Choose(ReadOnlySpan<float> logits, SamplingState state)
    {
        if (state.HasPenalties)
        {
            logits.CopyTo(_weights);
            state.Penalise(_weights);
            logits = _weights;
        }

        int best = TensorPrimitives.IndexOfMax(logits);
        if (!float.IsFinite(logits[best]))
        {
            return -1;
        }

        SamplingOptions options = state.Options;
        if (options.Temperature < GreedyBelow || options.TopK == 1)
        {
            return best;
        }

        TensorPrimitives.Subtract(logits, logits[best], _weights);
        TensorPrimitives.Multiply(_weights, 1f / options.Temperature, _weights);
        TensorPrimitives.Exp<float>(_weights, _weights);
        double uniform = CounterRandom.Uniform(state.Seed, state.Generated);
        if (options is { TopP: >= 1f, MinP: 0f } && (options.TopK == 0 || options.TopK >= _weights.Length))
        {
            return DrawFromAll(uniform);
        }

        return Draw(_candidates.AsSpan(0, Truncate(options)), uniform);
    }

    /// <summary>Natural log of the sum of exponentials: what turns a logit into a log probability.</summary>
    public double LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, max, _weights);
        TensorPrimitives.Exp<float>(_weights, _weights);
        return max + Math.Log(SumWeights());
    }

    /// <summary>The largest logits, largest first.</summary>
    /// <returns>A view into the sampler's buffer, valid until its next use.</returns>
    public ReadOnlySpan<Candidate> Top(ReadOnlySpan<float> logits, int count)
    {
        count = Math.Min(count, logits.Length);
        if (count == 0)
        {
            return [];
        }

        int gathered = Selection.Gather(logits, Selection.LowerBound(logits, count, _maxima), _candidates);
        Span<Candidate> all = _candidates.AsSpan(0, gathered);
        count = Math.Min(count, gathered);
        Selection.KeepTop(all, count);
        Selection.SortFew(all[..count]);
        return all[..count];
    }

    /// <summary>Leaves the tokens that may be drawn at the front of the candidates.</summary>
    private int Truncate(SamplingOptions options)
    {
        if (options.TopK == 0 && options.MinP == 0f)
        {
            return TruncateByMass(options.TopP);
        }

        int limit = options.TopK == 0 ? _weights.Length : Math.Min(options.TopK, _weights.Length);
        float floor = Math.Max(options.MinP, Selection.LowerBound(_weights, limit, _maxima));
        int count = Selection.Gather(_weights, floor, _candidates);
        if (count > limit)
        {
            Selection.KeepTop(_candidates.AsSpan(0, count), limit);
            count = limit;
        }

        Span<Candidate> kept = _candidates.AsSpan(0, count);
        return options.TopP < 1f ? Selection.KeepMass(kept, options.TopP * Selection.Sum(kept)) : count;
    }

    /// <summary>
    /// The nucleus of the whole vocabulary. It mostly fits in the 64 heaviest tokens, so those are tried first; a flat
    /// distribution takes one or two wider looks.
    /// </summary>
    private int TruncateByMass(float topP)
    {
        double mass = topP * SumWeights();
        for (int width = 64; ; width *= 8)
        {
            float floor = Selection.LowerBound(_weights, width, _maxima);
            Span<Candidate> gathered = _candidates.AsSpan(0, Selection.Gather(_weights, floor, _candidates));
            if (floor == float.NegativeInfinity || Selection.Sum(gathered) >= mass)
            {
                return Selection.KeepMass(gathered, mass);
            }
        }
    }

    private static int Draw(ReadOnlySpan<Candidate> candidates, double uniform)
    {
        double remaining = uniform * Selection.Sum(candidates);
        foreach (Candidate candidate in candidates)
        {
            remaining -= candidate.Weight;
            if (remaining < 0)
            {
                return candidate.Token;
            }
        }

        return candidates[0].Token;
    }

    private int DrawFromAll(double uniform)
    {
        double remaining = uniform * SumWeights();
        int last = 0;
        for (int group = 0; group * MassStride < _weights.Length; group++)
        {
            if (remaining >= _masses[group])
            {
                remaining -= _masses[group];
                continue;
            }

            int end = Math.Min((group + 1) * MassStride, _weights.Length);
            for (int token = group * MassStride; token < end; token++)
            {
                remaining -= _weights[token];
                last = _weights[token] > 0 ? token : last;
                if (remaining < 0)
                {
                    return token;
                }
            }
        }

        return last;
    }

    /// <summary>Groups of 256 are added in float (vectorised), their sums in double: no drift over 49k small numbers.</summary>
    private double SumWeights()
    {
        double sum = 0;
        for (int start = 0; start < _weights.Length; start += MassStride)
        {
            double mass = TensorPrimitives.Sum<float>(_weights.AsSpan(start, Math.Min(MassStride, _weights.Length - start)));
            _masses[start / MassStride] = mass;
            sum += mass;
        }

        return sum;
    }
}
