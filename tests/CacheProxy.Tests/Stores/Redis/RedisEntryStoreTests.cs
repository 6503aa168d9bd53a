using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Resilience;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Stores.Redis;

public sealed class RedisEntryStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private RedisServer? _server;
    private RedisEntryStore? _store;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RedisServer Server => _server!;

    private RedisEntryStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartNewAsync();
        _store = CreateSut();
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task SetGetRemove_Works()
    {
        CacheEntry entry = SampleEntries.Random(new Random(1)) with { CreatedAt = Now, TtlSeconds = 60 };
        await Store.SetAsync(entry, Cancellation);

        EntryAssert.Same(entry, await Store.GetAsync(entry.Fingerprint, Cancellation));
        Assert.True(await Store.RemoveAsync(entry.Fingerprint, Cancellation));
        Assert.False(await Store.RemoveAsync(entry.Fingerprint, Cancellation));
        Assert.Null(await Store.GetAsync(entry.Fingerprint, Cancellation));
    }

    [Fact]
    public async Task Many_AsManyAsABatchOfEmbeddingsMayHave_ComeWithinABudgetEachPiece()
    {
        const int Inputs = 2048, VectorBytes = 1536 * 4;
        CacheEntry[] entries = [.. Enumerable.Range(0, Inputs).Select(i => Vector(i, VectorBytes))];
        // A budget that a busy machine keeps; what it took is printed.
        var guarded = new GuardedEntryStore(Store, new ResilientCall(
            "redis", new ResilienceOptions { Budget = TimeSpan.FromSeconds(5) }, TimeProvider.System, NullLogger<ResilientCall>.Instance));
        long started = Stopwatch.GetTimestamp();
        await guarded.SetManyAsync(entries, Cancellation);
        TimeSpan written = Stopwatch.GetElapsedTime(started);

        var found = new CacheEntry?[Inputs];
        started = Stopwatch.GetTimestamp();
        await guarded.GetManyAsync(Array.ConvertAll(entries, entry => entry.Fingerprint), found, Cancellation);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Inputs} vectors: written in {written.TotalMilliseconds:F0} ms, read in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");

        Assert.Equal(entries.Select(entry => entry.Id), found.Select(entry => entry?.Id));
        EntryAssert.Same(entries[^1], found[^1]);
    }

    private static CacheEntry Vector(int number, int bytes)
    {
        byte[] body = new byte[bytes];
        new Random(number).NextBytes(body);
        CacheEntry plain = SampleEntries.Plain(number, createdAt: Now);
        return plain with { Answer = plain.Answer with { Body = plain.Answer.Body with { Bytes = body } } };
    }

    [Fact]
    public async Task Set_IsSeenByAnotherProxy()
    {
        CacheEntry entry = SampleEntries.Plain(1, createdAt: Now);
        await Store.SetAsync(entry, Cancellation);
        using RedisEntryStore other = CreateSut();

        EntryAssert.Same(entry, await other.GetAsync(entry.Fingerprint, Cancellation));
    }

    [Fact]
    public async Task Set_ExpiresInRedisWhenPastItsUse()
    {
        await Store.SetAsync(SampleEntries.Plain(1, ttlSeconds: 100, createdAt: Now) with { StaleIfErrorSeconds = 50 }, Cancellation);

        string? reply = await Server.CommandAsync($"PTTL {Key(1)}");

        Assert.InRange(int.Parse(reply![1..]), 100_000, 150_000);
    }

    [Fact]
    public async Task Set_PastItsUse_IsNotSent()
    {
        await Store.SetAsync(SampleEntries.Plain(1, createdAt: Now.AddDays(-1)), Cancellation);

        Assert.Equal(":0", await Server.CommandAsync("DBSIZE"));
    }

    [Fact]
    public async Task Set_TooLarge_IsDroppedAndCounted()
    {
        byte[] noise = new byte[5 << 20];
        new Random(1).NextBytes(noise);
        CacheEntry entry = SampleEntries.Plain(1, createdAt: Now);

        await Store.SetAsync(entry with { Answer = entry.Answer with { Body = entry.Answer.Body with { Bytes = noise } } }, Cancellation);

        Assert.Equal((":0", 1L), (await Server.CommandAsync("DBSIZE"), Store.Dropped));
    }

    [Theory]
    [InlineData("SET", "garbage")]
    [InlineData("SET", "\"\"")]
    [InlineData("LPUSH", "item")]
    public async Task Get_ForeignValueUnderOurKey_IsAMissAndCanBeReplaced(string command, string value)
    {
        await Server.CommandAsync($"{command} {Key(1)} {value}");

        Assert.Null(await Store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        await Store.SetAsync(SampleEntries.Plain(1, createdAt: Now), Cancellation);
        Assert.NotNull(await Store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
    }

    [Fact]
    public async Task Get_AnotherEntryUnderOurKey_IsAMiss()
    {
        await Store.SetAsync(SampleEntries.Plain(2, createdAt: Now), Cancellation);
        await Server.CommandAsync($"COPY {Key(2)} {Key(1)}");

        Assert.Null(await Store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
    }

    [Fact]
    public async Task ManyAtOnce_NeverGiveAnotherEntry()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 200; i++)
            {
                int number = random.Next(50);
                if (await Store.GetAsync(SampleEntries.Fingerprint(number), Cancellation) is { } found)
                {
                    Assert.Equal(number.ToString("x32"), found.Id);
                }
                else
                {
                    await Store.SetAsync(SampleEntries.Plain(number, createdAt: Now), Cancellation);
                }
            }
        })));
    }

    private static string Key(int number) => $"cp:{EntryCodec.Version}:e:{SampleEntries.Fingerprint(number)}";

    private RedisEntryStore CreateSut() => new(new RedisOptions { Url = Server.Url }, TimeProvider.System);
}
