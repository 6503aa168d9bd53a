using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Gemma 3, text: norms around both sublayers and on each head; five layers with a window and a rotary base of their own, then one without.</summary>
internal static class Gemma3
{
    private const int LargestLayers = 62, Pattern = 6;

    public static ModelFamily Family { get; } = new("gemma3", "Gemma3ForCausalLM")
    {
        Norms = NormPlacement.Around,
        HeadNorm = HeadNorm.PerHead,
        ShiftedNorms = true,
        ScaledEmbedding = true,
        Gate = GateFunction.GeluTanh,
        IsSliding = (settings, layer) => (layer + 1) % Math.Max(1, settings.FindInt32(SettingKey.WindowPattern) ?? Pattern) != 0,
        DefaultWindow = 4096,
        LocalRotaryBase = 10000,
        QueryScalar = settings => Gemma2.WidthPerHead(settings, LargestLayers),
        Names = Gemma2.SandwichNames,
    };
}
