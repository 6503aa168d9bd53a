namespace CacheProxy.Stores.Qdrant;

/// <summary>The one client for Qdrant's address, with its key: a type of its own, so that the container closes it and no other client is mistaken for it.</summary>
internal sealed class QdrantHttpClient(HttpMessageHandler handler) : HttpClient(handler);
