using CacheProxy.ExactCache;
using CacheProxy.Stores.Memory;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Memory;

public sealed class MemorySelectionTests : StoreSelectionConformance, IDisposable
{
    private readonly MemoryEntryStore _store = new(64 << 20, new FakeTimeProvider(Now));

    public void Dispose() => _store.Dispose();

    protected override ValueTask<IEntryStore> CreateSut() => new(_store);
}
