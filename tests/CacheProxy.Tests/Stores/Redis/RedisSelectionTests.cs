using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;
using CacheProxy.Stores.Redis;

namespace CacheProxy.Tests.Stores.Redis;

public sealed class RedisSelectionTests : StoreSelectionConformance, IAsyncLifetime
{
    private static readonly string Start = $"cp:{EntryCodec.Version}:";

    private RedisServer? _server;
    private RedisEntryStore? _store;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartNewAsync();
        _store = new RedisEntryStore(new RedisOptions { Url = _server.Url }, TimeProvider.System);
        await Wait.UntilAsync(IsConnectedAsync, "the connection to Redis");
    }

    // On a busy machine the client is connected only after its first calls have failed.
    private async Task<bool> IsConnectedAsync()
    {
        try
        {
            return await _store!.CountAsync(EntrySelector.Everything, Cancellation) == 0;
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or StackExchange.Redis.RedisException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Set_KeepsItsNamesAsLongAsItself()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await _store!.SetAsync(SampleEntries.Plain(1, ttlSeconds: 1000, createdAt: now) with { Tags = ["a"], UserId = "u" }, Cancellation);
        await _store.SetAsync(SampleEntries.Plain(2, ttlSeconds: 200, createdAt: now) with { Tags = ["a"] }, Cancellation);

        foreach (string key in new[] { Start + "t:a", Start + "u:u" })
        {
            Assert.InRange(int.Parse((await _server!.CommandAsync($"TTL {key}"))![1..]), 900, 1010);
        }

        Assert.InRange(int.Parse((await _server!.CommandAsync($"TTL {Start}i:{2:x32}"))![1..]), 1, 200);
        Assert.Equal(":2", await _server!.CommandAsync($"ZCARD {Start}t:a"));
    }

    [Fact]
    public async Task ForeignKeys_AreLeftAlone()
    {
        await _server!.CommandAsync($"SET {Start}e:foreign x");
        await _server.CommandAsync($"LPUSH {Start}e:{SampleEntries.Fingerprint(5)} x");
        await _server.CommandAsync($"SET {Start}e:{SampleEntries.Fingerprint(6)} RHxx");
        await _server.CommandAsync($"SET other-{Start}e:{SampleEntries.Fingerprint(7)} x");
        await _store!.SetAsync(SampleEntries.Plain(1, createdAt: Now), Cancellation);

        Assert.Equal(1, await _store.RemoveAsync(EntrySelector.Everything, null, Cancellation));
        Assert.Equal(":4", await _server.CommandAsync("DBSIZE"));
    }

    [Fact]
    public async Task LongHeads_AreReadToTheirEnd()
    {
        CacheEntry entry = SampleEntries.Plain(1, createdAt: Now) with { Tags = [.. Enumerable.Range(0, 16).Select(i => new string('t', 60) + i)], Model = new string('m', 300) };
        await _store!.SetAsync(entry, Cancellation);

        Assert.Equal(1, await _store.CountAsync(new EntrySelector { Model = entry.Model }, Cancellation));
        EntryAssert.Same(entry, await _store.GetAsync(entry.Fingerprint, Cancellation));
    }

    [Fact]
    public async Task Redis_Gone_IsAFaultAndNoCount()
    {
        await _server!.KillAsync();

        await Assert.ThrowsAnyAsync<IOException>(async () => await _store!.CountAsync(EntrySelector.Everything, Cancellation));
        await Assert.ThrowsAnyAsync<IOException>(async () => await _store!.RemoveAsync(new EntrySelector { Tag = "a" }, null, Cancellation));
    }

    protected override ValueTask<IEntryStore> CreateSut() => new(_store!);
}
