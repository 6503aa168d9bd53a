using CacheProxy.SemanticCache;
using CacheProxy.Stores.Resilience;

namespace CacheProxy.Stores.Qdrant;

/// <summary>The index in Qdrant, within its budget and behind its breaker.</summary>
internal sealed class QdrantIndexFactory(QdrantHttpClient http, QdrantOptions options, ResilientCall call, TimeProvider time) : IVectorIndexFactory
{
    public IVectorIndex Create(int dimensions) => new GuardedVectorIndex(new QdrantVectorIndex(new QdrantClient(http), options, dimensions, time), call);
}
