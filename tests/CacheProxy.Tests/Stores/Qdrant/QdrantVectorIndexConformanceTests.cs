using CacheProxy.SemanticCache;
using CacheProxy.Stores.Qdrant;
using CacheProxy.Tests.SemanticCache.Index;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>What every index must do, done over HTTP.</summary>
public sealed class QdrantVectorIndexConformanceTests : VectorIndexConformance, IAsyncLifetime
{
    private readonly FakeQdrant _qdrant = new();
    private StubQdrantServer? _server;
    private HttpClient? _http;

    public async ValueTask InitializeAsync()
    {
        _server = await StubQdrantServer.StartAsync(_qdrant.Answer);
        _http = _server.CreateHttpClient();
    }

    public async ValueTask DisposeAsync()
    {
        _http!.Dispose();
        await _server!.DisposeAsync();
        Assert.Empty(_server.Violations);
    }

    protected override ValueTask<IVectorIndex> CreateSut()
        => ValueTask.FromResult<IVectorIndex>(new QdrantVectorIndex(new QdrantClient(_http!), new QdrantOptions(), Dimensions, Time));
}
