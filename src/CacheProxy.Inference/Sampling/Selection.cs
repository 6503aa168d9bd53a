using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Sampling;

/// <summary>Finds the heaviest of many candidates without sorting them all: expected O(n), nothing allocated.</summary>
public static class Selection
{
    /// <summary>Values per maximum in <see cref="LowerBound"/>.</summary>
    public const int MaximaStride = 64;

    /// <summary>
    /// A value that at least <paramref name="count"/> elements reach, close below the count-th largest: the count-th
    /// largest of the maxima of 64 elements each. One vectorised pass; what lies below it needs no second look.
    /// </summary>
    /// <param name="maxima">Scratch, at least values.Length / 64 rounded up.</param>
    /// <returns>Negative infinity when there are not that many maxima.</returns>
    public static float LowerBound(ReadOnlySpan<float> values, int count, Span<Candidate> maxima)
    {
        int groups = (values.Length + MaximaStride - 1) / MaximaStride;
        if (count > groups)
        {
            return float.NegativeInfinity;
        }

        for (int group = 0; group < groups; group++)
        {
            int start = group * MaximaStride;
            ReadOnlySpan<float> part = values.Slice(start, Math.Min(MaximaStride, values.Length - start));
            maxima[group] = new Candidate(group, TensorPrimitives.Max(part));
        }

        Span<Candidate> all = maxima[..groups];
        KeepTop(all, count);
        float bound = float.PositiveInfinity;
        foreach (Candidate maximum in all[..count])
        {
            bound = Math.Min(bound, maximum.Weight);
        }

        return bound;
    }

    /// <summary>Copies the elements that are at least <paramref name="threshold"/>, in order of their index.</summary>
    /// <returns>How many.</returns>
    public static int Gather(ReadOnlySpan<float> values, float threshold, Span<Candidate> target)
    {
        int count = 0;
        int index = 0;
        Vector256<float> bound = Vector256.Create(threshold);
        ref float first = ref MemoryMarshal.GetReference(values);
        for (; index <= values.Length - Vector256<float>.Count; index += Vector256<float>.Count)
        {
            uint mask = Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)index), bound).ExtractMostSignificantBits();
            for (; mask != 0; mask &= mask - 1)
            {
                int token = index + BitOperations.TrailingZeroCount(mask);
                target[count++] = new Candidate(token, values[token]);
            }
        }

        for (; index < values.Length; index++)
        {
            if (values[index] >= threshold)
            {
                target[count++] = new Candidate(index, values[index]);
            }
        }

        return count;
    }

    /// <summary>Moves the <paramref name="count"/> heaviest to the front, in no order among themselves.</summary>
    public static void KeepTop(Span<Candidate> candidates, int count)
    {
        int low = 0;
        int high = candidates.Length;
        while (high - low > 1 && count > low && count < high)
        {
            int pivot = Partition(candidates, low, high);
            if (count <= pivot)
            {
                high = pivot;
            }
            else
            {
                low = pivot + 1;
            }
        }
    }

    /// <summary>Moves the fewest heaviest candidates that together reach <paramref name="mass"/> to the front.</summary>
    /// <returns>How many; all of them when even together they do not reach it.</returns>
    public static int KeepMass(Span<Candidate> candidates, double mass)
    {
        int low = 0;
        int high = candidates.Length;
        double before = 0;
        while (low < high)
        {
            int pivot = Partition(candidates, low, high);
            double heavier = before + Sum(candidates[low..pivot]);
            if (heavier >= mass && pivot > low)
            {
                high = pivot;
                continue;
            }

            before = heavier + candidates[pivot].Weight;
            if (before >= mass)
            {
                return pivot + 1;
            }

            low = pivot + 1;
        }

        return high;
    }

    public static double Sum(ReadOnlySpan<Candidate> candidates)
    {
        double sum = 0;
        foreach (Candidate candidate in candidates)
        {
            sum += candidate.Weight;
        }

        return sum;
    }

    /// <summary>Insertion sort, for the few that are shown: heaviest first.</summary>
    public static void SortFew(Span<Candidate> candidates)
    {
        for (int i = 1; i < candidates.Length; i++)
        {
            Candidate moving = candidates[i];
            int hole = i;
            for (; hole > 0 && moving.IsBefore(candidates[hole - 1]); hole--)
            {
                candidates[hole] = candidates[hole - 1];
            }

            candidates[hole] = moving;
        }
    }

    /// <summary>Splits [low, high) around the median of three; the pivot's final place is returned.</summary>
    private static int Partition(Span<Candidate> candidates, int low, int high)
    {
        int last = high - 1;
        int middle = low + ((high - low) / 2);
        int pivotAt = MedianOf(candidates, low, middle, last);
        (candidates[pivotAt], candidates[last]) = (candidates[last], candidates[pivotAt]);
        Candidate pivot = candidates[last];
        int place = low;
        for (int i = low; i < last; i++)
        {
            if (candidates[i].IsBefore(pivot))
            {
                (candidates[i], candidates[place]) = (candidates[place], candidates[i]);
                place++;
            }
        }

        (candidates[place], candidates[last]) = (candidates[last], candidates[place]);
        return place;
    }

    private static int MedianOf(ReadOnlySpan<Candidate> c, int a, int b, int d)
    {
        (int first, int second) = c[a].IsBefore(c[b]) ? (a, b) : (b, a);
        if (!c[d].IsBefore(c[second]))
        {
            return second;
        }

        return c[d].IsBefore(c[first]) ? first : d;
    }
}
