using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>Sums of whole blocks of 32 neighbours, what <see cref="BlockOffsets"/> multiplies.</summary>
internal static unsafe class BlockSums
{
    public const int Block = 32;

    /// <param name="values">[count].</param>
    /// <param name="sums">[count / 32]; a rest of fewer than 32 values has no sum.</param>
    public static void Write(float* values, int count, float* sums)
    {
        for (int block = 0; block < count / Block; block++, values += Block)
        {
            sums[block] = Vector512.Sum(Vector512.Load(values) + Vector512.Load(values + 16));
        }
    }
}
