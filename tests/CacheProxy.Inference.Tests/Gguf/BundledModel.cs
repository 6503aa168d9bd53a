using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Gguf;

/// <summary>The chat model that comes with the repository.</summary>
public static class BundledModel
{
    public static string Path { get; } = Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
}
