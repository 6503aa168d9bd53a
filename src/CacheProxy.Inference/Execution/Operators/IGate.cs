using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>What the gate of a feed-forward layer goes through.</summary>
internal interface IGate
{
    static abstract Vector512<float> Apply(Vector512<float> x);
}
