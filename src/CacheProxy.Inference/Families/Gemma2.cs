using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Gemma 2: norms around both sublayers, capped scores and logits, a window on every second layer.</summary>
internal static class Gemma2
{
    /// <summary>Layers of the 27B model, the one whose scores are scaled otherwise; GGUF has no key for that.</summary>
    private const int LargestLayers = 46;

    public static ModelFamily Family { get; } = new("gemma2", "Gemma2ForCausalLM")
    {
        Norms = NormPlacement.Around,
        ShiftedNorms = true,
        ScaledEmbedding = true,
        Gate = GateFunction.GeluTanh,
        IsSliding = (_, layer) => layer % 2 == 0,
        DefaultWindow = 4096,
        QueryScalar = settings => WidthPerHead(settings, LargestLayers),
        Names = SandwichNames,
    };

    /// <summary>What Llama calls the norm in front of the feed-forward stands behind attention here.</summary>
    internal static IReadOnlyDictionary<string, string> SandwichNames => new Dictionary<string, string> { ["ffn_norm"] = "pre_feedforward_layernorm" };

    internal static float? WidthPerHead(IModelSettings settings, int layers) =>
        settings.FindInt32(SettingKey.Layers) == layers ? settings.FindInt32(SettingKey.Width) / settings.FindInt32(SettingKey.Heads) : null;
}
