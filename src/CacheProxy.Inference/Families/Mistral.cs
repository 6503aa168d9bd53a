namespace CacheProxy.Inference.Families;

/// <summary>Mistral: Llama with a window on every layer, where the settings give one.</summary>
internal static class Mistral
{
    public static ModelFamily Family { get; } = new("MistralForCausalLM") { IsSliding = (_, _) => true };
}
