namespace CacheProxy.Forward.Upstreams;

/// <summary>What an upstream is; <see cref="UpstreamProfile"/> has what follows from it.</summary>
public enum UpstreamKind
{
    Compatible,
    OpenAI,
    Azure,
    Anthropic,
    Vllm,
    Sglang,
    LlamaCpp,
    Ollama,
    CacheProxy,
}
