using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Families;

/// <summary>Granite 3: Llama with multipliers on embeddings, scores, branches and logits, all of them settings.</summary>
internal static class Granite
{
    public static ModelFamily Family { get; } = new("granite", "GraniteForCausalLM") { GgufLayout = RotaryLayout.Pairs };
}
