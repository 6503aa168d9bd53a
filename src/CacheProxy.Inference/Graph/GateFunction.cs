namespace CacheProxy.Inference.Graph;

/// <summary>What the gate of a feed-forward layer goes through. The graph hands the number to the operator.</summary>
internal enum GateFunction
{
    /// <summary>x * sigmoid(x).</summary>
    Silu = 0,

    /// <summary>GELU in its tanh form: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))).</summary>
    GeluTanh = 1,
}
