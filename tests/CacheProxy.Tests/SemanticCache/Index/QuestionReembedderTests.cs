using CacheProxy.Exchange;
using CacheProxy.Observability;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Text;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache.Encoders;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.SemanticCache.Index;

public sealed class QuestionReembedderTests : IDisposable
{
    private const string Verifier = "verifier";

    private readonly string _folder = Directory.CreateTempSubdirectory("reembedding").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly CountedMetrics _counted = new();
    private readonly FakeEmbedder _old = new() { Fingerprint = "old" };
    private readonly FakeEmbedder _new = new() { Fingerprint = "new" };

    public void Dispose()
    {
        _counted.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Start_OtherEmbedder_MakesEveryQuestionFindableByItsNewVector()
    {
        await FillAsync(30);

        await RunAsync(_new, Verifier, async index =>
        {
            Assert.Empty(await AskAsync(index, _new, Verifier, 3));
            await ReembedAsync(index, _new, Verifier);
            for (int i = 0; i < 30; i++)
            {
                Assert.Equal(Text(i), (await AskAsync(index, _new, Verifier, i))[0].Question.Text);
            }

            Assert.Empty(await AskAsync(index, _old, Verifier, 3));
            Assert.Equal(0, await index.CountStaleAsync(TestContext.Current.CancellationToken));
        });

        Assert.Equal(30, _counted.Sum("cacheproxy.reembedding.questions"));
        Assert.Equal(0, _counted.Sum("cacheproxy.reembedding.waiting"));
        await RunAsync(_new, Verifier, async index => Assert.NotEmpty(await AskAsync(index, _new, Verifier, 7)));
    }

    [Fact]
    public async Task Start_OtherVerifierOnly_KeepsTheVectorsAndAsksNoEmbedder()
    {
        await FillAsync(10);
        int before = _old.Calls;

        await RunAsync(_old, "another verifier", async index =>
        {
            await ReembedAsync(index, _old, "another verifier");
            Assert.Equal(before, _old.Calls);
            Assert.Equal(Text(4), (await AskAsync(index, _old, "another verifier", 4))[0].Question.Text);
        });
    }

    [Fact]
    public async Task Run_BoundedRate_EmbedsNoFasterThanThat()
    {
        await FillAsync(20);

        await RunAsync(_new, Verifier, async index =>
        {
            int before = _new.Calls;
            using QuestionReembedder sut = CreateSut(index, _new, Verifier, perSecond: 4);
            await sut.StartAsync(TestContext.Current.CancellationToken);
            for (int done = 1; done < 6; done++)
            {
                await UntilAsync(() => _new.Calls >= before + done, TimeSpan.Zero);
                for (int i = 0; i < 200; i++)
                {
                    await Task.Yield();
                }

                Assert.Equal(before + done, _new.Calls);
                _time.Advance(TimeSpan.FromSeconds(0.25));
            }

            await sut.StopAsync(TestContext.Current.CancellationToken);
        });
    }

    [Fact]
    public async Task Stop_HalfWay_GoesOnAtTheNextStartWithWhatIsLeft()
    {
        await FillAsync(20);
        await RunAsync(_new, Verifier, async index =>
        {
            using QuestionReembedder sut = CreateSut(index, _new, Verifier, perSecond: 1);
            await sut.StartAsync(TestContext.Current.CancellationToken);
            await UntilAsync(() => _new.Calls >= 5, TimeSpan.FromMilliseconds(200));
            await sut.StopAsync(TestContext.Current.CancellationToken);
        });
        int done = _new.Calls;

        await RunAsync(_new, Verifier, async index =>
        {
            Assert.InRange(await index.CountStaleAsync(TestContext.Current.CancellationToken), 20 - done, 19);
            await ReembedAsync(index, _new, Verifier);
            Assert.NotEmpty(await AskAsync(index, _new, Verifier, 0));
            Assert.NotEmpty(await AskAsync(index, _new, Verifier, 19));
        });
    }

    [Fact]
    public async Task Run_EmbedderAwayForAWhile_WaitsAndLosesNothing()
    {
        await FillAsync(5);
        _new.Failure = new EncoderUnavailableException("embedder", null);

        await RunAsync(_new, Verifier, async index =>
        {
            using QuestionReembedder sut = CreateSut(index, _new, Verifier);
            await sut.StartAsync(TestContext.Current.CancellationToken);
            await UntilAsync(() => _new.Calls >= 12, TimeSpan.FromSeconds(1));
            Assert.Equal(5, await index.CountStaleAsync(TestContext.Current.CancellationToken));

            _new.Failure = null;
            await UntilAsync(() => sut.ExecuteTask!.IsCompleted, TimeSpan.FromSeconds(1));
            Assert.NotEmpty(await AskAsync(index, _new, Verifier, 0));
            Assert.NotEmpty(await AskAsync(index, _new, Verifier, 4));
        });
    }

    [Fact]
    public async Task Run_OneQuestionThatTheModelFailsOn_LeavesItAndGoesOn()
    {
        await FillAsync(5);
        _new.FailsOn = Text(2);

        await RunAsync(_new, Verifier, async index =>
        {
            await ReembedAsync(index, _new, Verifier);
            Assert.Equal(1, await index.CountStaleAsync(TestContext.Current.CancellationToken));
            Assert.NotEmpty(await AskAsync(index, _new, Verifier, 4));
        });
    }

    [Fact]
    public async Task Run_QuestionsPurgedOrStoredAnewMeanwhile_AreNotBroughtBack()
    {
        await FillAsync(3);

        await RunAsync(_new, Verifier, async index =>
        {
            await index.RemoveAsync([RandomVectors.Fingerprint(0)], TestContext.Current.CancellationToken);
            await PutAsync(index, _new, Verifier, 1, text: "stored anew");
            await ReembedAsync(index, _new, Verifier);

            Assert.DoesNotContain(await AskAsync(index, _new, Verifier, 0), found => found.Question.Text == Text(0));
            Assert.DoesNotContain(await AskAsync(index, _new, Verifier, 1), found => found.Question.Text == Text(1));
            Assert.Contains(await AskAsync(index, _new, Verifier, 2), found => found.Question.Text == Text(2));
            Assert.Equal(0, await index.CountStaleAsync(TestContext.Current.CancellationToken));
        });
    }

    [Fact]
    public async Task Run_TextLongerThanTheNewModelReads_IsDropped()
    {
        await FillAsync(2);
        _new.IsTruncating = true;

        await RunAsync(_new, Verifier, async index =>
        {
            await ReembedAsync(index, _new, Verifier);
            Assert.Equal(0, await index.CountStaleAsync(TestContext.Current.CancellationToken));
            Assert.Empty(await AskAsync(index, _new, Verifier, 0));
        });
    }

    private static string Text(int number) => $"question number {number} about subject{number}";

    private static SemanticPartition Partition(IEmbedder embedder, string verifier) => new(embedder.Fingerprint, verifier);

    private static Fingerprint256 Derived(IEmbedder embedder, string verifier)
        => Partition(embedder, verifier).Derive(LookupHarness.Partition, Script.Latin);

    private Task FillAsync(int count) => RunAsync(_old, Verifier, async index =>
    {
        for (int i = 0; i < count; i++)
        {
            await PutAsync(index, _old, Verifier, i, Text(i));
        }
    });

    private async Task PutAsync(PersistentVectorIndex index, FakeEmbedder embedder, string verifier, int number, string text)
    {
        Embedding embedding = await embedder.EmbedAsync(text, TestContext.Current.CancellationToken);
        var question = new IndexedQuestion(Derived(embedder, verifier), RandomVectors.Fingerprint(number), text, _time.GetUtcNow().AddYears(100)) { Source = LookupHarness.Partition };
        await index.UpsertAsync(question, embedding.Vector, TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<Neighbour>> AskAsync(PersistentVectorIndex index, FakeEmbedder embedder, string verifier, int number)
    {
        ReadOnlyMemory<float> vector = FakeEmbedder.VectorOf(Text(number));
        return await index.SearchAsync(Derived(embedder, verifier), vector, 1, 0.9f, TestContext.Current.CancellationToken);
    }

    private async Task RunAsync(FakeEmbedder embedder, string verifier, Func<PersistentVectorIndex, Task> use)
    {
        using var memory = new MemoryVectorIndex(embedder.Dimensions, 10_000_000, _time);
        await using var index = new PersistentVectorIndex(
            memory, Path.Combine(_folder, "questions.db"), Partition(embedder, verifier).Models, embedder.Dimensions, _time, NullLogger<PersistentVectorIndex>.Instance);
        await index.StartAsync(TestContext.Current.CancellationToken);
        await index.Loaded;
        await use(index);
    }

    private async Task ReembedAsync(PersistentVectorIndex index, FakeEmbedder embedder, string verifier, int perSecond = 1000)
    {
        using QuestionReembedder sut = CreateSut(index, embedder, verifier, perSecond);
        await sut.StartAsync(TestContext.Current.CancellationToken);
        await UntilAsync(() => sut.ExecuteTask!.IsCompleted, TimeSpan.FromMilliseconds(100));
        await sut.ExecuteTask!;
    }

    private QuestionReembedder CreateSut(PersistentVectorIndex index, FakeEmbedder embedder, string verifier, int perSecond = 1000) => new(
        index, embedder, Partition(embedder, verifier), perSecond, new EmbedderMetrics(_counted), _time, NullLogger<QuestionReembedder>.Instance);

    private async Task UntilAsync(Func<bool> done, TimeSpan step)
    {
        while (!done())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _time.Advance(step);
            await Task.Yield();
        }
    }
}
