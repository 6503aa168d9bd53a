using CacheProxy.Inference.Engine;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>A model under the name by which clients ask for it.</summary>
/// <param name="Id">Canonical name; clients may write it in any case.</param>
/// <param name="Created">Unix seconds.</param>
public abstract record ServedModel(string Id, long Created) : IAsyncDisposable
{
    public ModelInfo ToInfo() => new(Id, Created, "cacheproxy");

    /// <summary>Lets what is under way finish within the model's own time.</summary>
    public abstract ValueTask DisposeAsync();
}

/// <param name="Fingerprint"><c>system_fingerprint</c>: changes with the weights.</param>
/// <param name="Owner">Ends the engine and what lies under it; becomes this object's to dispose.</param>
public sealed record ChatModel(string Id, long Created, InferenceEngine Engine, IPromptEncoder Prompts, string Fingerprint, IAsyncDisposable Owner)
    : ServedModel(Id, Created)
{
    /// <summary>Tokens of an answer whose request names no most; null: what the context has room for.</summary>
    public int? DefaultMaxTokens { get; init; }

    public override ValueTask DisposeAsync() => Owner.DisposeAsync();
}

/// <param name="Encoder">Becomes this object's to dispose.</param>
public sealed record EmbeddingModel(string Id, long Created, IEmbeddingModel Encoder) : ServedModel(Id, Created)
{
    public override ValueTask DisposeAsync()
    {
        Encoder.Dispose();
        return ValueTask.CompletedTask;
    }
}
