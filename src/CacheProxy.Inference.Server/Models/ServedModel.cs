using CacheProxy.Inference.Engine;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Models;

/// <summary>A model under the name by which clients ask for it.</summary>
/// <param name="Id">Canonical name; clients may write it in any case.</param>
/// <param name="Created">Unix seconds.</param>
public abstract record ServedModel(string Id, long Created)
{
    public ModelInfo ToInfo() => new(Id, Created, "cacheproxy");
}

/// <param name="Engine">Becomes the catalog's to dispose.</param>
/// <param name="Fingerprint"><c>system_fingerprint</c>: changes with the weights.</param>
public sealed record ChatModel(string Id, long Created, InferenceEngine Engine, IPromptEncoder Prompts, string Fingerprint) : ServedModel(Id, Created);

/// <param name="Encoder">Becomes the catalog's to dispose.</param>
public sealed record EmbeddingModel(string Id, long Created, IEmbeddingModel Encoder) : ServedModel(Id, Created);
