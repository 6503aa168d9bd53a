using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>
/// The part of a Q4_1 product that MatMulNBits leaves out: y[r, n] + sum over blocks b of sums[r, b] * offsets[b, n].
/// Always added in the order of b, one fused multiply-add each, so a row comes out the same whatever rows surround it.
/// </summary>
/// <remarks>The default value has no offsets and only copies. A group of 16 columns reads its run of offsets front to back.</remarks>
internal readonly unsafe struct BlockOffsets(float* sums, float* offsets, int blocks)
{
    /// <summary>Columns that share one vector and one run of offsets.</summary>
    public const int Group = PackedProjection.OffsetGroup;

    /// <summary>Rows that one pass over the offsets serves.</summary>
    public const int RowsAtOnce = 4;

    /// <summary>Writes columns from..to of up to <see cref="RowsAtOnce"/> rows. Without offsets it copies.</summary>
    /// <param name="product">[rows, stride], from its first row.</param>
    /// <param name="row">First row, for the sums.</param>
    /// <param name="from">First column, a multiple of 16.</param>
    /// <param name="target">Element (row, from) of the result, rows <paramref name="targetStride"/> apart.</param>
    public void Finish(float* product, long stride, int row, int rows, int from, int to, float* target, long targetStride)
    {
        if (offsets is null)
        {
            for (int r = 0; r < rows; r++)
            {
                new ReadOnlySpan<float>(product + ((row + r) * stride) + from, to - from).CopyTo(new Span<float>(target + (r * targetStride), to - from));
            }

            return;
        }

        int whole = from + ((to - from) & -Group);
        if (rows == RowsAtOnce)
        {
            FinishFour(product + (row * stride), stride, row, from, whole, target, targetStride);
        }
        else
        {
            for (int r = 0; r < rows; r++)
            {
                FinishOne(product + ((row + r) * stride), row + r, from, whole, target + (r * targetStride));
            }
        }

        FinishTail(product, stride, row, rows, whole, to, target + (whole - from), targetStride);
    }

    private void FinishOne(float* product, int row, int from, int to, float* target)
    {
        float* sum = sums + ((long)row * blocks);
        int column = from;
        long run = (long)blocks * Group;
        for (; column + (4 * Group) <= to; column += 4 * Group)
        {
            float* o = offsets + ((long)column * blocks);
            Vector512<float> a = Vector512.Load(product + column), b = Vector512.Load(product + column + 16);
            Vector512<float> c = Vector512.Load(product + column + 32), d = Vector512.Load(product + column + 48);
            for (int block = 0; block < blocks; block++, o += Group)
            {
                Vector512<float> s = Vector512.Create(sum[block]);
                a = Vector512.FusedMultiplyAdd(s, Vector512.Load(o), a);
                b = Vector512.FusedMultiplyAdd(s, Vector512.Load(o + run), b);
                c = Vector512.FusedMultiplyAdd(s, Vector512.Load(o + (2 * run)), c);
                d = Vector512.FusedMultiplyAdd(s, Vector512.Load(o + (3 * run)), d);
            }

            float* t = target + (column - from);
            a.Store(t);
            b.Store(t + 16);
            c.Store(t + 32);
            d.Store(t + 48);
        }

        for (; column < to; column += Group)
        {
            float* o = offsets + ((long)column * blocks);
            Vector512<float> a = Vector512.Load(product + column);
            for (int block = 0; block < blocks; block++, o += Group)
            {
                a = Vector512.FusedMultiplyAdd(Vector512.Create(sum[block]), Vector512.Load(o), a);
            }

            a.Store(target + (column - from));
        }
    }

    private void FinishFour(float* product, long stride, int row, int from, int to, float* target, long targetStride)
    {
        float* s0 = sums + ((long)row * blocks), s1 = s0 + blocks, s2 = s1 + blocks, s3 = s2 + blocks;
        long run = (long)blocks * Group;
        int column = from;
        for (; column + (2 * Group) <= to; column += 2 * Group)
        {
            float* o = offsets + ((long)column * blocks), p = product + column, t = target + (column - from);
            Vector512<float> a0 = Vector512.Load(p), b0 = Vector512.Load(p + 16), a1 = Vector512.Load(p + stride), b1 = Vector512.Load(p + stride + 16);
            Vector512<float> a2 = Vector512.Load(p + (2 * stride)), b2 = Vector512.Load(p + (2 * stride) + 16), a3 = Vector512.Load(p + (3 * stride)), b3 = Vector512.Load(p + (3 * stride) + 16);
            for (int block = 0; block < blocks; block++, o += Group)
            {
                Vector512<float> x = Vector512.Load(o), y = Vector512.Load(o + run);
                Vector512<float> s = Vector512.Create(s0[block]);
                a0 = Vector512.FusedMultiplyAdd(s, x, a0);
                b0 = Vector512.FusedMultiplyAdd(s, y, b0);
                s = Vector512.Create(s1[block]);
                a1 = Vector512.FusedMultiplyAdd(s, x, a1);
                b1 = Vector512.FusedMultiplyAdd(s, y, b1);
                s = Vector512.Create(s2[block]);
                a2 = Vector512.FusedMultiplyAdd(s, x, a2);
                b2 = Vector512.FusedMultiplyAdd(s, y, b2);
                s = Vector512.Create(s3[block]);
                a3 = Vector512.FusedMultiplyAdd(s, x, a3);
                b3 = Vector512.FusedMultiplyAdd(s, y, b3);
            }

            StorePair(t, a0, b0);
            StorePair(t + targetStride, a1, b1);
            StorePair(t + (2 * targetStride), a2, b2);
            StorePair(t + (3 * targetStride), a3, b3);
        }

        for (int r = 0; column < to && r < RowsAtOnce; r++)
        {
            FinishOne(product + (r * stride), row + r, column, to, target + (r * targetStride) + (column - from));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(float* target, Vector512<float> low, Vector512<float> high)
    {
        low.Store(target);
        high.Store(target + 16);
    }

    /// <summary>Columns behind the last whole group, one by one.</summary>
    private void FinishTail(float* product, long stride, int row, int rows, int from, int to, float* target, long targetStride)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int column = from; column < to; column++)
            {
                float value = product[((row + r) * stride) + column];
                for (int block = 0; block < blocks; block++)
                {
                    value = MathF.FusedMultiplyAdd(sums[((long)(row + r) * blocks) + block], offsets[(((long)from * blocks) + (block * Group)) + (column - from)], value);
                }

                target[(r * targetStride) + (column - from)] = value;
            }
        }
    }
}
