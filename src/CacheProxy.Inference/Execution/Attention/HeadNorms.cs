using System.Runtime.Intrinsics;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>RMS norm of queries or keys before they are rotated: each head by itself, or all heads of a token as one vector.</summary>
internal static unsafe class HeadNorms
{
    /// <param name="heads">[count, headSize] of one token, changed in place.</param>
    /// <param name="gamma">[headSize] per head, [count * headSize] over the whole.</param>
    public static void Apply(HeadNorm norm, float* heads, int count, int headSize, float* gamma, float epsilon)
    {
        if (norm == HeadNorm.Whole)
        {
            Normalize(heads, count * headSize, gamma, epsilon);
            return;
        }

        for (int head = 0; head < count; head++)
        {
            Normalize(heads + (head * headSize), headSize, gamma, epsilon);
        }
    }

    private static void Normalize(float* x, int count, float* gamma, float epsilon)
    {
        Vector512<float> squares = default;
        for (int i = 0; i < count; i += 16)
        {
            Vector512<float> values = Vector512.Load(x + i);
            squares = Vector512.FusedMultiplyAdd(values, values, squares);
        }

        float scale = 1 / MathF.Sqrt((Vector512.Sum(squares) / count) + epsilon);
        for (int i = 0; i < count; i += 16)
        {
            (Vector512.Load(x + i) * scale * Vector512.Load(gamma + i)).Store(x + i);
        }
    }
}
