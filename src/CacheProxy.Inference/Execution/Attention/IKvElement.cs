using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>A type of keys and values known to the JIT, so that a kernel compiles to straight code for each.</summary>
internal unsafe interface IKvElement
{
    static abstract int Bytes { get; }

    /// <summary>Whether an element is its number times the scale of its token and head.</summary>
    static abstract bool HasScales { get; }

    /// <summary>16 elements as floats, without their scale.</summary>
    static abstract Vector512<float> Load(byte* elements);

    /// <summary>Writes a head of one token with elements <paramref name="stride"/> apart.</summary>
    /// <param name="scale">Where its scale goes.</param>
    static abstract void Write(float* head, int headSize, byte* target, int stride, float* scale);
}
