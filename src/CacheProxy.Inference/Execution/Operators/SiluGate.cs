using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>x * sigmoid(x).</summary>
internal readonly struct SiluGate : IGate
{
    public static Vector512<float> Apply(Vector512<float> x) => x / (Vector512<float>.One + Vector512.Exp(-x));
}
