using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>SmolLM 3: Llama with some layers, every fourth by default, that do not rotate.</summary>
internal static class SmolLm3
{
    private const int Interval = 4;

    public static ModelFamily Family { get; } = new("smollm3", "SmolLM3ForCausalLM")
    {
        GgufLayout = RotaryLayout.Pairs,
        IsSliding = Qwen2.IsSliding,
        IsRotated = IsRotated,
    };

    private static bool IsRotated(IModelSettings settings, int layer)
    {
        if (settings.FindSingles(SettingKey.RotatedLayers) is not { } rotated)
        {
            return (layer + 1) % Math.Max(1, settings.FindInt32(SettingKey.UnrotatedInterval) ?? Interval) != 0;
        }

        return layer < rotated.Length ? rotated[layer] != 0 : throw settings.Error(SettingKey.RotatedLayers, $"has {rotated.Length} entries, none for layer {layer}");
    }
}
