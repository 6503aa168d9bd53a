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
    /// <param name="allowed">A <see cref="TokenMask"/> of the tokens that may be chosen; empty: all.</param>
    /// <param name="banned">Tokens that may not be chosen.</param>
    /// <returns>The token, or -1 when the logits hold no finite maximum (a broken model or kernel, or no token left).</returns>
    public int Choose(ReadOnlySpan<float> logits, SamplingState state, ReadOnlySpan<uint> allowed = default, ReadOnlySpan<int> banned = default)
    {
        if (state.ChangesLogits || !allowed.IsEmpty || !banned.IsEmpty)
        {
            logits = Restrict(logits, state, allowed, banned);
        }

        // Two vectorised passes; TensorPrimitives.IndexOfMax carries the index along and takes several times as long.
        float max = TensorPrimitives.Max(logits);
        if (!float.IsFinite(max))
        {
            return -1;
        }

        SamplingOptions options = state.Options;
        if (options.Temperature < GreedyBelow || options.TopK == 1)
        {
            return logits.IndexOf(max);
        }

        double uniform = CounterRandom.Uniform(state.Seed, state.Generated);
        int limit = options.TopK == 0 ? logits.Length : Math.Min(options.TopK, logits.Length);
        if (limit < logits.Length || options.MinP > 0f)
        {
            return Draw(Truncate(logits, max, limit, options), uniform);
        }

        double sum = Exponentiate(logits, max, 1f / options.Temperature);
        return options.TopP < 1f ? Draw(TruncateByMass(options.TopP, sum), uniform) : DrawFromAll(uniform * sum);
    }

    /// <summary>Natural log of the sum of exponentials: what turns a logit into a log probability.</summary>
    public double LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        return max + Math.Log(Exponentiate(logits, max, 1f));
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

    private float[] Restrict(ReadOnlySpan<float> logits, SamplingState state, ReadOnlySpan<uint> allowed, ReadOnlySpan<int> banned)
    {
        logits.CopyTo(_weights);
        state.Adjust(_weights);
        TokenMask.Apply(allowed, _weights);
        foreach (int token in banned)
        {
            _weights[token] = float.NegativeInfinity;
        }

        return _weights;
    }

    /// <summary>Min-p, top-k and top-p. The first two are decided by the logits, so only the few tokens left are exponentiated.</summary>
    private Span<Candidate> Truncate(ReadOnlySpan<float> logits, float max, int limit, SamplingOptions options)
    {
        float floor = Selection.LowerBound(logits, limit, _maxima);
        if (options.MinP > 0f)
        {
            floor = Math.Max(floor, max + (options.Temperature * MathF.Log(options.MinP)));
        }

        int count = Selection.Gather(logits, Math.Min(floor, max), _candidates);
        if (count > limit)
        {
            Selection.KeepTop(_candidates.AsSpan(0, count), limit);
            count = limit;
        }

        Span<Candidate> kept = _candidates.AsSpan(0, count);
        foreach (ref Candidate candidate in kept)
        {
            candidate = candidate with { Weight = MathF.Exp((candidate.Weight - max) / options.Temperature) };
        }

        return options.TopP < 1f ? kept[..Selection.KeepMass(kept, options.TopP * Selection.Sum(kept))] : kept;
    }

    /// <summary>
    /// The nucleus of the whole vocabulary. It mostly lies within a thousandth of the best token's weight: a few dozen
    /// tokens to order instead of thousands. Where it does not, all tokens below (1 - p) / n of the mass
    /// can still be left out, since together they weigh less than what top-p drops.
    /// </summary>
    private Span<Candidate> TruncateByMass(float topP, double sum)
    {
        const float usualFloor = 1e-3f;
        double mass = topP * sum;
        Span<Candidate> gathered = _candidates.AsSpan(0, Selection.Gather(_weights, usualFloor, _candidates));
        if (Selection.Sum(gathered) < mass)
        {
            // Half of it: the sums are rounded.
            float floor = (float)((1.0 - topP) * sum / _weights.Length * 0.5);
            gathered = _candidates.AsSpan(0, Selection.Gather(_weights, floor, _candidates));
        }

        return gathered[..Selection.KeepMass(gathered, mass)];
    }

    private static int Draw(ReadOnlySpan<Candidate> candidates, double uniform)
    {
        double remaining = uniform * Selection.Sum(candidates);
        int last = candidates[0].Token;
        foreach (Candidate candidate in candidates)
        {
            remaining -= candidate.Weight;
            last = candidate.Weight > 0 ? candidate.Token : last;
            if (remaining < 0)
            {
                break;
            }
        }

        return last;
    }

    private int DrawFromAll(double remaining)
    {
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

    /// <summary>
    /// Fills the weights with exp((logit - max) * scale). In groups of 256, which stay in the first-level cache from one
    /// operation to the next; each group is added up in float, the groups in double: no drift over 49k small numbers.
    /// </summary>
    /// <returns>The sum of all weights.</returns>
    private double Exponentiate(ReadOnlySpan<float> logits, float max, float scale)
    {
        double sum = 0;
        for (int start = 0; start < logits.Length; start += MassStride)
        {
            Span<float> group = _weights.AsSpan(start, Math.Min(MassStride, logits.Length - start));
            TensorPrimitives.Subtract(logits.Slice(start, group.Length), max, group);
            TensorPrimitives.Multiply(group, scale, group);
            TensorPrimitives.Exp<float>(group, group);
            double mass = TensorPrimitives.Sum<float>(group);
            _masses[start / MassStride] = mass;
            sum += mass;
        }

        return sum;
    }
}
