using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Index;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache.Index;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache;

public sealed class QuestionIndexerTests : IAsyncDisposable
{
    private readonly PurgeLog _purges = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FakeEmbedder _embedder = new();
    private readonly MemoryVectorIndex _memory;
    private readonly QuestionIndexer _sut;

    public QuestionIndexerTests()
    {
        _memory = new MemoryVectorIndex(_embedder.Dimensions, long.MaxValue, _time);
        _sut = new QuestionIndexer(
            _embedder, new FakeVerifier(), _memory, _memory, _purges, new TestOptions<SemanticOptions>(new SemanticOptions()), _time,
            NullLogger<QuestionIndexer>.Instance);
    }

    [Fact]
    public async Task Add_RecordedAnswer_BecomesSearchable()
    {
        Add("What is the capital of France?", 1);

        await RunUntilAsync(() => _sut.Indexed == 1);

        Assert.Equal(1, _memory.Count);
    }

    [Fact]
    public async Task Add_UnfitTexts_AreNotIndexed()
    {
        foreach (string? text in new[] { null, "", "  ", "```x```", "法国的首都是什么", new string('y', 5000) })
        {
            Add(text, 1);
        }

        Add("What is the capital of France?", 2);
        await RunUntilAsync(() => _sut.Indexed == 1);

        Assert.Equal(1, _embedder.Calls);
    }

    [Fact]
    public async Task Add_EmbedderFails_DropsTheQuestionAndGoesOn()
    {
        _embedder.Failure = new InvalidOperationException("broken");
        Add("What is the capital of France?", 1);
        await RunUntilAsync(() => _sut.Dropped == 1);
        _embedder.Failure = null;

        Add("What is the capital of Spain?", 2);
        await RunUntilAsync(() => _sut.Indexed == 1);

        Assert.Equal(1, _memory.Count);
    }

    [Fact]
    public async Task Run_MinuteByMinute_SweepsTheExpired()
    {
        Add("What is the capital of France?", 1, ttlSeconds: 30);
        await RunUntilAsync(() => _sut.Indexed == 1);

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, _memory.Count);
    }

    [Fact]
    public async Task Add_PurgedWhileItWaits_IsNotFindable()
    {
        Add("What is the capital of France?", 1);
        _purges.Add(new EntrySelector { Fingerprint = RandomVectors.Fingerprint(1) });
        Add("What is the capital of Spain?", 2);

        await RunUntilAsync(() => _sut.Indexed == 1);
        await _sut.SettleAsync(TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (_memory.Count, (int)_sut.Indexed));
    }

    [Fact]
    public void Add_QueueFull_NeverBlocks()
    {
        for (int i = 0; i < 3000; i++)
        {
            Add("What is the capital of France?", i);
        }

        Assert.InRange(_sut.Dropped, 1, 3000);
    }

    public async ValueTask DisposeAsync()
    {
        await _sut.StopAsync(CancellationToken.None);
        _sut.Dispose();
        _memory.Dispose();
    }

    private void Add(string? text, int number, int ttlSeconds = 3600) => _sut.Add(
        new SemanticQuery { Scope = "scope", Partition = LookupHarness.Partition, Text = text },
        FakeEntryStore.Entry(RandomVectors.Fingerprint(number), _time.GetUtcNow(), ttlSeconds));

    private async Task RunUntilAsync(Func<bool> done)
    {
        await _sut.StartAsync(TestContext.Current.CancellationToken);
        while (!done())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
