using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Qwen 2 and 2.5: biases on queries, keys and values.</summary>
internal static class Qwen2
{
    /// <summary>Layers in front of the first with a window, where the settings do not say.</summary>
    private const int WholeLayers = 28;

    public static ModelFamily Family { get; } = new("qwen2", "Qwen2ForCausalLM") { Biased = true, IsSliding = IsSliding };

    /// <summary>The window is off unless asked for, and then only behind the first layers.</summary>
    internal static bool IsSliding(IModelSettings settings, int layer) =>
        settings.FindBoolean(SettingKey.UseWindow) == true && layer >= (settings.FindInt32(SettingKey.FirstWindowLayer) ?? WholeLayers);
}
