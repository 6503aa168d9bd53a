using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.SemanticCache.Index;

/// <summary>What every index must do, whatever keeps its vectors. Derive, and create the index under test.</summary>
public abstract class VectorIndexConformance
{
    protected const int Dimensions = 96;

    protected FakeTimeProvider Time { get; } = new();

    protected abstract ValueTask<IVectorIndex> CreateSut();

    [Fact]
    public async Task Remove_ByEntries_LeavesTheOthers()
    {
        IVectorIndex index = await CreateSut();
        for (int i = 1; i <= 4; i++)
        {
            await Upsert(index, i, Vector(i));
        }

        await index.RemoveAsync([RandomVectors.Fingerprint(1), RandomVectors.Fingerprint(3), RandomVectors.Fingerprint(99)], TestContext.Current.CancellationToken);

        IReadOnlyList<Neighbour> left = await Search(index, Partition, Vector(1), minimum: -1f);
        Assert.Equal([2, 4], left.Select(n => int.Parse(n.Question.Text)).Order());
        await Upsert(index, 3, Vector(3));
        Assert.Equal(3, (await Search(index, Partition, Vector(1), minimum: -1f)).Count);
    }

    [Fact]
    public async Task FindTexts_OfSome_GivesThoseThatAreThere()
    {
        IVectorIndex index = await CreateSut();
        Fingerprint256[] asked = [RandomVectors.Fingerprint(1), RandomVectors.Fingerprint(2), RandomVectors.Fingerprint(99)];
        Assert.Empty(await index.FindTextsAsync(asked, TestContext.Current.CancellationToken));
        for (int i = 1; i <= 3; i++)
        {
            await Upsert(index, i, Vector(i));
        }

        IReadOnlyDictionary<Fingerprint256, string> texts = await index.FindTextsAsync(asked, TestContext.Current.CancellationToken);

        Assert.Equal(["1", "2"], texts.Values.Order());
        Assert.Equal("1", texts[RandomVectors.Fingerprint(1)]);
    }

    [Fact]
    public async Task Search_EmptyPartition_FindsNothing()
    {
        IVectorIndex index = await CreateSut();

        Assert.Empty(await Search(index, RandomVectors.Fingerprint(1), Vector(1)));
    }

    [Fact]
    public async Task Search_SeveralQuestions_ReturnsTheNearestBestFirst()
    {
        IVectorIndex index = await CreateSut();
        var random = new Random(5);
        float[] centre = RandomVectors.Unit(random, Dimensions);
        await Upsert(index, 1, RandomVectors.Near(random, centre, 0.8f));
        await Upsert(index, 2, RandomVectors.Near(random, centre, 0.1f));
        await Upsert(index, 3, RandomVectors.Near(random, centre, 0.4f));

        IReadOnlyList<Neighbour> found = await Search(index, Partition, centre, count: 2);

        Assert.Equal([2, 3], found.Select(n => int.Parse(n.Question.Text)));
        Assert.All(found, n => Assert.InRange(n.Similarity, 0.9f, 1f));
    }

    [Fact]
    public async Task Search_NeighbourBelowTheMinimum_LeavesItOut()
    {
        IVectorIndex index = await CreateSut();
        var random = new Random(6);
        float[] centre = RandomVectors.Unit(random, Dimensions);
        await Upsert(index, 1, RandomVectors.Near(random, centre, 2f));

        Assert.Empty(await Search(index, Partition, centre, minimum: 0.9f));
        Assert.Single(await Search(index, Partition, centre, minimum: 0.1f));
    }

    [Fact]
    public async Task Search_OtherPartition_NeverSeesTheQuestion()
    {
        IVectorIndex index = await CreateSut();
        await Upsert(index, 1, Vector(1));

        Assert.Empty(await Search(index, RandomVectors.Fingerprint(778), Vector(1), minimum: -1f));
    }

    [Fact]
    public async Task Search_QuestionPastItsUse_LeavesItOut()
    {
        IVectorIndex index = await CreateSut();
        await Upsert(index, 1, Vector(1), lifeSeconds: 10);
        Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Single(await Search(index, Partition, Vector(1)));

        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(await Search(index, Partition, Vector(1)));
    }

    [Fact]
    public async Task Search_Found_CarriesTheWholeQuestion()
    {
        IVectorIndex index = await CreateSut();
        var question = new IndexedQuestion(Partition, RandomVectors.Fingerprint(4), "Größe “π”? 🙂", Time.GetUtcNow().AddHours(1));
        await index.UpsertAsync(question, Vector(4), TestContext.Current.CancellationToken);

        Neighbour found = Assert.Single(await Search(index, Partition, Vector(4)));

        Assert.Equal(question, found.Question);
        Assert.Equal(1f, found.Similarity, 0.005f);
    }

    [Fact]
    public async Task Upsert_SameFingerprint_Replaces()
    {
        IVectorIndex index = await CreateSut();
        await Upsert(index, 1, Vector(1));
        await Upsert(index, 1, Vector(2));

        Assert.Empty(await Search(index, Partition, Vector(1), minimum: 0.9f));
        Assert.Single(await Search(index, Partition, Vector(2), minimum: 0.9f));
    }

    [Fact]
    public async Task Remove_Question_IsFoundNoMoreAndOthersStay()
    {
        IVectorIndex index = await CreateSut();
        await Upsert(index, 1, Vector(1));
        await Upsert(index, 2, Vector(2));

        await index.RemoveAsync(Partition, RandomVectors.Fingerprint(1), TestContext.Current.CancellationToken);
        await index.RemoveAsync(Partition, RandomVectors.Fingerprint(99), TestContext.Current.CancellationToken);

        Assert.Empty(await Search(index, Partition, Vector(1), minimum: 0.9f));
        Assert.Single(await Search(index, Partition, Vector(2), minimum: 0.9f));
    }

    [Theory]
    [InlineData(Dimensions - 1, 0.5f)]
    [InlineData(Dimensions + 1, 0.5f)]
    [InlineData(0, 0f)]
    [InlineData(Dimensions, 0f)]
    [InlineData(Dimensions, float.NaN)]
    [InlineData(Dimensions, float.PositiveInfinity)]
    public async Task UpsertAndSearch_UnusableVector_AreRefused(int length, float component)
    {
        IVectorIndex index = await CreateSut();
        float[] vector = new float[length];
        Array.Fill(vector, component);

        await Assert.ThrowsAsync<ArgumentException>(async () => await Upsert(index, 1, vector));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Search(index, Partition, vector));

        Assert.Empty(await Search(index, Partition, Vector(1), minimum: -1f));
    }

    [Fact]
    public async Task UpsertAndRemove_WhileOthersSearch_NeverShowsAnotherQuestionsVectorOrOneThatWasRemovedBefore()
    {
        IVectorIndex index = await CreateSut();
        for (int i = 0; i < 8; i++)
        {
            await Upsert(index, i, Vector(i));
        }

        await index.RemoveAsync(Partition, RandomVectors.Fingerprint(7), TestContext.Current.CancellationToken);
        Task writing = WriteAsync(index);
        for (int i = 0; i < 60 || !writing.IsCompleted; i++)
        {
            IReadOnlyList<Neighbour> found = await Search(index, Partition, Vector(i % 8), minimum: 0.95f);
            Assert.InRange(found.Count, 0, i % 8 == 7 ? 0 : 1);
            Assert.All(found, neighbour => Assert.Equal((i % 8).ToString(), neighbour.Question.Text));
        }

        await writing;
    }

    private async Task WriteAsync(IVectorIndex index)
    {
        await Task.Yield();
        for (int step = 0; step < 60; step++)
        {
            if (step % 3 == 2)
            {
                await index.RemoveAsync(Partition, RandomVectors.Fingerprint(step % 7), TestContext.Current.CancellationToken);
            }
            else
            {
                await Upsert(index, step % 7, Vector(step % 7));
            }
        }
    }

    [Fact]
    public async Task Upsert_Expired_IsNeverFound()
    {
        IVectorIndex index = await CreateSut();
        await Upsert(index, 1, Vector(1), lifeSeconds: 0);
        await Upsert(index, 2, Vector(2), lifeSeconds: -100);

        Assert.Empty(await Search(index, Partition, Vector(1), minimum: -1f));
    }

    [Fact]
    public async Task Search_CallerGone_IsCancelled()
    {
        IVectorIndex index = await CreateSut();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await index.SearchAsync(Partition, Vector(1), 1, 0, new CancellationToken(canceled: true)));
    }

    protected static Fingerprint256 Partition { get; } = RandomVectors.Fingerprint(777);

    protected static float[] Vector(int seed) => RandomVectors.Unit(new Random(seed), Dimensions);

    protected async Task Upsert(IVectorIndex index, int number, float[] vector, int lifeSeconds = 3600)
        => await index.UpsertAsync(
            new IndexedQuestion(Partition, RandomVectors.Fingerprint(number), number.ToString(), Time.GetUtcNow().AddSeconds(lifeSeconds)),
            vector,
            TestContext.Current.CancellationToken);

    protected static async Task<IReadOnlyList<Neighbour>> Search(
        IVectorIndex index, Fingerprint256 partition, float[] vector, int count = 8, float minimum = 0f)
        => await index.SearchAsync(partition, vector, count, minimum, TestContext.Current.CancellationToken);
}
