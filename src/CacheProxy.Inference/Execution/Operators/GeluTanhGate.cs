using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>GELU in its tanh form, as x * sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is the same: (1 + tanh(y)) / 2 = sigmoid(2y).</summary>
internal readonly struct GeluTanhGate : IGate
{
    private const float TwiceRoot = 1.5957691216057308f, Cubic = 0.044715f;

    public static Vector512<float> Apply(Vector512<float> x)
    {
        Vector512<float> y = x * TwiceRoot * Vector512.FusedMultiplyAdd(x * x, Vector512.Create(Cubic), Vector512<float>.One);
        return x / (Vector512<float>.One + Vector512.Exp(-y));
    }
}
