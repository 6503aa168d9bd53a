using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>Keys and values as they were computed.</summary>
internal readonly unsafe struct Float32Element : IKvElement
{
    public static int Bytes => sizeof(float);

    public static bool HasScales => false;

    public static Vector512<float> Load(byte* elements) => Vector512.Load((float*)elements);

    public static void Write(float* head, int headSize, byte* target, int stride, float* scale)
    {
        var elements = (float*)target;
        if (stride == 1)
        {
            new ReadOnlySpan<float>(head, headSize).CopyTo(new Span<float>(elements, headSize));
            return;
        }

        for (int i = 0; i < headSize; i++)
        {
            elements[i * stride] = head[i];
        }
    }
}
