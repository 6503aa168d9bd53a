using CacheProxy.Inference.Server.Models;

namespace CacheProxy.Inference.Server.Tests.Support;

/// <summary>A token per word; the vector is (length, words, 1/3).</summary>
internal sealed class WordEmbedder : IEmbeddingModel
{
    public const string Id = "words";

    public bool IsDisposed { get; private set; }

    public int Dimensions => 3;

    public int MaxTokens => 5;

    public int CountTokens(string text) => text.Split(' ').Length;

    public IReadOnlyList<float[]> Embed(IReadOnlyList<string> texts) => [.. texts.Select(text => new[] { text.Length, CountTokens(text), 1f / 3f })];

    public void Dispose() => IsDisposed = true;
}
