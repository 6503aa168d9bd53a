namespace CacheProxy.SemanticCache;

/// <summary>Makes the index that several proxies share, once the embedder's width is known.</summary>
public interface IVectorIndexFactory
{
    /// <param name="dimensions">Components of every vector.</param>
    IVectorIndex Create(int dimensions);
}
