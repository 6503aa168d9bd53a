namespace CacheProxy.Inference.Server.Models;

/// <summary>Turns texts into vectors. Thread-safe.</summary>
public interface IEmbeddingModel : IDisposable
{
    int Dimensions { get; }

    /// <summary>The longest text, in tokens.</summary>
    int MaxTokens { get; }

    /// <summary>Tokens of a text; for a text that is too long, any number above <see cref="MaxTokens"/>.</summary>
    int CountTokens(string text);

    /// <summary>One vector per text, in order. Computes on the caller's thread.</summary>
    IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts);
}
