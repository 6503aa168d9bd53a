using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>Signed 8-bit numbers, symmetric, the largest element of a head of a token at 127.</summary>
internal readonly unsafe struct Int8Element : IKvElement
{
    private const float Largest = 127;

    public static int Bytes => sizeof(sbyte);

    public static bool HasScales => true;

    public static Vector512<float> Load(byte* elements)
    {
        Vector128<sbyte> bytes = Vector128.Load((sbyte*)elements);
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(bytes));
        }

        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(bytes);
        return Vector512.ConvertToSingle(Vector512.Create(
            Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)),
            Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high))));
    }

    public static void Write(float* head, int headSize, byte* target, int stride, float* scale)
    {
        float largest = 0;
        for (int i = 0; i < headSize; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(head[i]));
        }

        *scale = largest / Largest;
        float factor = largest > 0 ? Largest / largest : 0;
        for (int i = 0; i < headSize; i++)
        {
            ((sbyte*)target)[i * stride] = (sbyte)MathF.Round(head[i] * factor);
        }
    }
}
