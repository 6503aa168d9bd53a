using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Families;

/// <summary>Qwen 3: norms on each head of queries and keys.</summary>
internal static class Qwen3
{
    public static ModelFamily Family { get; } = new("qwen3", "Qwen3ForCausalLM") { HeadNorm = HeadNorm.PerHead, IsSliding = Qwen2.IsSliding };
}
