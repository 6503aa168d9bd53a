using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Llama 1 to 3 and what is built like them. GGUF calls Mistral so too: there a window is one of all layers.</summary>
internal static class Llama
{
    public static ModelFamily Family { get; } = new("llama", "LlamaForCausalLM")
    {
        GgufLayout = RotaryLayout.Pairs,
        IsSliding = (settings, _) => settings.Convention == TensorConvention.Gguf,
    };
}
