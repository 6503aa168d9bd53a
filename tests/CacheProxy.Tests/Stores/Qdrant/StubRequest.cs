namespace CacheProxy.Tests.Stores.Qdrant;

/// <param name="Query">Without the question mark.</param>
/// <param name="ApiKey">Null when not sent.</param>
internal sealed record StubRequest(string Method, string Path, string Query, string? ApiKey, byte[] Body);
