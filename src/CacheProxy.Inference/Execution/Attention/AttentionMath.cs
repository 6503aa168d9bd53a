using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>The inner loops of attention. Every number is summed in one order, whatever rows are computed beside it.</summary>
/// <remarks>Vector512 falls back to two 256-bit halves by itself where the processor has no wider ones.</remarks>
internal static unsafe class AttentionMath
{
    /// <summary>Keys whose scores are kept before they are weighed: 8 blocks.</summary>
    public const int ChunkKeys = 128;

    /// <summary>Floats from one row of scores to the next: a block scored without partner leaves its second result behind the chunk.</summary>
    public const int ScoreStride = ChunkKeys + Block;

    private const int Block = KvPool.BlockSize;

    private const float Hidden = -1e30f;

    /// <summary>Scores of up to six queries against two blocks of keys; 12 sums in flight hide the latency of the multiply-add.</summary>
    /// <param name="queries">Pointers to [headSize].</param>
    /// <param name="keys0">[headSize, 16].</param>
    /// <param name="scales0">[16], where elements have them.</param>
    /// <param name="scores">Where the first query's scores go; rows <see cref="ScoreStride"/> apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Score<TRows, TElement>(float** queries, byte* keys0, byte* keys1, float* scales0, float* scales1, int headSize, float* scores)
        where TRows : struct, IRowCount
        where TElement : struct, IKvElement
    {
        float* q0 = queries[0], q1 = TRows.Count > 1 ? queries[1] : q0, q2 = TRows.Count > 2 ? queries[2] : q0;
        float* q3 = TRows.Count > 3 ? queries[3] : q0, q4 = TRows.Count > 4 ? queries[4] : q0, q5 = TRows.Count > 4 ? queries[5] : q0;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        for (int i = 0; i < headSize; i++)
        {
            Vector512<float> x = TElement.Load(keys0 + (i * Block * TElement.Bytes)), y = TElement.Load(keys1 + (i * Block * TElement.Bytes));
            Accumulate(q0[i], x, y, ref a0, ref b0);
            if (TRows.Count > 1)
            {
                Accumulate(q1[i], x, y, ref a1, ref b1);
                Accumulate(q2[i], x, y, ref a2, ref b2);
            }

            if (TRows.Count > 3)
            {
                Accumulate(q3[i], x, y, ref a3, ref b3);
            }

            if (TRows.Count > 4)
            {
                Accumulate(q4[i], x, y, ref a4, ref b4);
                Accumulate(q5[i], x, y, ref a5, ref b5);
            }
        }

        StoreScores<TElement>(scores, a0, b0, scales0, scales1);
        if (TRows.Count > 1)
        {
            StoreScores<TElement>(scores + ScoreStride, a1, b1, scales0, scales1);
            StoreScores<TElement>(scores + (2 * ScoreStride), a2, b2, scales0, scales1);
        }

        if (TRows.Count > 3)
        {
            StoreScores<TElement>(scores + (3 * ScoreStride), a3, b3, scales0, scales1);
        }

        if (TRows.Count > 4)
        {
            StoreScores<TElement>(scores + (4 * ScoreStride), a4, b4, scales0, scales1);
            StoreScores<TElement>(scores + (5 * ScoreStride), a5, b5, scales0, scales1);
        }
    }

    /// <summary>Scores become cap * tanh(score * scale / cap).</summary>
    /// <param name="scores">[keys], a multiple of 16.</param>
    public static void Cap(float* scores, int keys, float scale, float cap)
    {
        // tanh(x) = 1 - 2 / (exp(2x) + 1): where exp overflows it is 1, and the error near 0 is 1e-7 of the cap.
        float factor = 2 * scale / cap;
        for (int i = 0; i < keys; i += 16)
        {
            Vector512<float> power = Vector512.Exp(Vector512.Load(scores + i) * factor);
            (Vector512.Create(cap) - (Vector512.Create(2 * cap) / (power + Vector512<float>.One))).Store(scores + i);
        }
    }

    /// <summary>Makes keys weigh nothing in <see cref="Weigh"/>.</summary>
    public static void Hide(float* scores, int from, int to)
    {
        if (to > from)
        {
            new Span<float>(scores + from, to - from).Fill(Hidden);
        }
    }

    /// <summary>Weights take the scales of the values they will be multiplied with.</summary>
    /// <param name="scales">[16] of each block.</param>
    public static void ScaleWeights(float* weights, int keys, float** scales)
    {
        for (int i = 0; i < keys; i += Block)
        {
            (Vector512.Load(weights + i) * Vector512.Load(scales[i / Block])).Store(weights + i);
        }
    }

    /// <summary>One chunk of the running softmax of a row: scores become weights, the sums so far are scaled to the new maximum.</summary>
    /// <param name="scores">[keys], a multiple of 16.</param>
    /// <param name="visible">Keys that the row may see; the rest weigh nothing. At least one in the first chunk.</param>
    /// <param name="weighed">The row's weighed values so far, [headSize].</param>
    public static void Weigh(float* scores, int keys, int visible, float scale, ref float maximum, ref float total, float* weighed, int headSize)
    {
        for (int i = Math.Max(visible, 0); i < keys; i++)
        {
            scores[i] = Hidden;
        }

        Vector512<float> best = Vector512.Load(scores);
        for (int i = 16; i < keys; i += 16)
        {
            best = Vector512.Max(best, Vector512.Load(scores + i));
        }

        float newMaximum = MathF.Max(maximum, Largest(best) * scale);
        float shrink = MathF.Exp(maximum - newMaximum);
        Vector512<float> sum = default;
        for (int i = 0; i < keys; i += 16)
        {
            Vector512<float> weight = Vector512.Exp((Vector512.Load(scores + i) * scale) - Vector512.Create(newMaximum));
            weight.Store(scores + i);
            sum += weight;
        }

        (maximum, total) = (newMaximum, (total * shrink) + Vector512.Sum(sum));
        for (int i = 0; shrink != 1f && i < headSize; i += 16)
        {
            (Vector512.Load(weighed + i) * shrink).Store(weighed + i);
        }
    }

    /// <summary>Adds the weighed values of the keys of one block to three rows, 64 floats of the head at a time.</summary>
    /// <param name="weights">[3 rows, keys], rows <see cref="ScoreStride"/> apart.</param>
    /// <param name="values">[keys, headSize], from the first of the 64 floats.</param>
    /// <param name="weighed">[3 rows, headSize], likewise.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddThree<TElement>(float* weights, byte** values, int keys, int headSize, float* weighed)
        where TElement : struct, IKvElement
    {
        float* r1 = weighed + headSize, r2 = r1 + headSize;
        Vector512<float> a0 = Vector512.Load(weighed), a1 = Vector512.Load(weighed + 16), a2 = Vector512.Load(weighed + 32), a3 = Vector512.Load(weighed + 48);
        Vector512<float> b0 = Vector512.Load(r1), b1 = Vector512.Load(r1 + 16), b2 = Vector512.Load(r1 + 32), b3 = Vector512.Load(r1 + 48);
        Vector512<float> c0 = Vector512.Load(r2), c1 = Vector512.Load(r2 + 16), c2 = Vector512.Load(r2 + 32), c3 = Vector512.Load(r2 + 48);
        for (int block = 0; block * Block < keys; block++)
        {
            byte* v = values[block];
            float* w = weights + (block * Block);
            for (int end = Math.Min(Block, keys - (block * Block)), j = 0; j < end; j++, v += headSize * TElement.Bytes)
            {
                Vector512<float> v0 = TElement.Load(v), v1 = TElement.Load(v + (16 * TElement.Bytes));
                Vector512<float> v2 = TElement.Load(v + (32 * TElement.Bytes)), v3 = TElement.Load(v + (48 * TElement.Bytes));
                AddFour(w[j], v0, v1, v2, v3, ref a0, ref a1, ref a2, ref a3);
                AddFour(w[j + ScoreStride], v0, v1, v2, v3, ref b0, ref b1, ref b2, ref b3);
                AddFour(w[j + (2 * ScoreStride)], v0, v1, v2, v3, ref c0, ref c1, ref c2, ref c3);
            }
        }

        StoreFour(weighed, a0, a1, a2, a3);
        StoreFour(r1, b0, b1, b2, b3);
        StoreFour(r2, c0, c1, c2, c3);
    }

    /// <summary>The same for one row, 16 floats at a time.</summary>
    public static void AddOne<TElement>(float* weights, byte** values, int keys, int headSize, float* weighed)
        where TElement : struct, IKvElement
    {
        Vector512<float> a = Vector512.Load(weighed);
        for (int block = 0; block * Block < keys; block++)
        {
            byte* v = values[block];
            float* w = weights + (block * Block);
            for (int end = Math.Min(Block, keys - (block * Block)), j = 0; j < end; j++, v += headSize * TElement.Bytes)
            {
                a = Vector512.FusedMultiplyAdd(Vector512.Create(w[j]), TElement.Load(v), a);
            }
        }

        a.Store(weighed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(float query, Vector512<float> x, Vector512<float> y, ref Vector512<float> a, ref Vector512<float> b)
    {
        Vector512<float> q = Vector512.Create(query);
        a = Vector512.FusedMultiplyAdd(q, x, a);
        b = Vector512.FusedMultiplyAdd(q, y, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour(
        float weight,
        Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3,
        ref Vector512<float> a0, ref Vector512<float> a1, ref Vector512<float> a2, ref Vector512<float> a3)
    {
        Vector512<float> w = Vector512.Create(weight);
        a0 = Vector512.FusedMultiplyAdd(w, v0, a0);
        a1 = Vector512.FusedMultiplyAdd(w, v1, a1);
        a2 = Vector512.FusedMultiplyAdd(w, v2, a2);
        a3 = Vector512.FusedMultiplyAdd(w, v3, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreScores<TElement>(float* scores, Vector512<float> a, Vector512<float> b, float* scalesA, float* scalesB)
        where TElement : struct, IKvElement
    {
        if (TElement.HasScales)
        {
            (a, b) = (a * Vector512.Load(scalesA), b * Vector512.Load(scalesB));
        }

        a.Store(scores);
        b.Store(scores + Block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(float* target, Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3)
    {
        a0.Store(target);
        a1.Store(target + 16);
        a2.Store(target + 32);
        a3.Store(target + 48);
    }

    private static float Largest(Vector512<float> values)
    {
        Vector256<float> v = Vector256.Max(values.GetLower(), values.GetUpper());
        Vector128<float> w = Vector128.Max(v.GetLower(), v.GetUpper());
        return MathF.Max(MathF.Max(w[0], w[1]), MathF.Max(w[2], w[3]));
    }
}
