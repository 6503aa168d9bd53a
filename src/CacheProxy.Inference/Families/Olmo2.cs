using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Families;

/// <summary>OLMo 2: norms behind the sublayers only, and over the whole width of queries and keys.</summary>
internal static class Olmo2
{
    public static ModelFamily Family { get; } = new("olmo2", "Olmo2ForCausalLM") { Norms = NormPlacement.After, HeadNorm = HeadNorm.Whole };
}
