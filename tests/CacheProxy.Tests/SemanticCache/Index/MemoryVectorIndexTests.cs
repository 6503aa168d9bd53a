using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache.Index;

public sealed class MemoryVectorIndexTests : VectorIndexConformance
{
    private const int Width = 384;

    protected override ValueTask<IVectorIndex> CreateSut() => new(new MemoryVectorIndex(Dimensions, 10_000_000, Time));

    [Theory]
    [InlineData(300, 3000)]
    [InlineData(5, 2000)]
    public async Task Search_RandomInsertsAndRemovals_AgreesWithBruteForce(int alive, int steps)
    {
        var random = new Random(steps);
        using var index = new MemoryVectorIndex(Dimensions, 100_000_000, Time);
        var naive = new Dictionary<int, float[]>();
        for (int step = 0; step < steps; step++)
        {
            int number = random.Next(alive);
            if (random.Next(3) == 0)
            {
                naive.Remove(number);
                await index.RemoveAsync(Partition, RandomVectors.Fingerprint(number), TestContext.Current.CancellationToken);
            }
            else
            {
                naive[number] = RandomVectors.Unit(random, Dimensions);
                await Upsert(index, number, naive[number]);
            }

            AssertSameAsBruteForce(index, naive, RandomVectors.Unit(random, Dimensions));
        }
    }

    [Fact]
    public void Search_PartitionBeyondTheWholeScan_FindsTheNearestInAtLeast99Percent()
    {
        const int Count = PartitionScan.WholeScanLimit + 4000;
        var random = new Random(11);
        using var index = new MemoryVectorIndex(Width, long.MaxValue, Time);
        float[][] topics = [.. Enumerable.Range(0, 500).Select(_ => RandomVectors.Unit(random, Width))];
        float[][] vectors = new float[Count][];
        for (int i = 0; i < Count; i++)
        {
            vectors[i] = RandomVectors.Near(random, topics[random.Next(topics.Length)], 0.9f);
            index.Upsert(Question(i), vectors[i]);
        }

        int right = 0;
        Neighbour[] found = new Neighbour[1];
        for (int i = 0; i < 200; i++)
        {
            float[] query = RandomVectors.Near(random, vectors[random.Next(Count)], 0.7f);
            Assert.Equal(1, index.Search(Partition, query, -1f, found));
            int nearest = Enumerable.Range(0, Count).MaxBy(n => RandomVectors.Cosine(query, vectors[n]));
            right += found[0].Question.Fingerprint == RandomVectors.Fingerprint(nearest) ? 1 : 0;
        }

        Assert.InRange(right, 198, 200);
    }

    [Fact]
    public void Search_ExpiredNearest_GivesTheNextOneAlsoInLargePartitions()
    {
        var random = new Random(12);
        using var index = new MemoryVectorIndex(Dimensions, long.MaxValue, Time);
        for (int i = 10; i < PartitionScan.WholeScanLimit + 50; i++)
        {
            index.Upsert(Question(i), RandomVectors.Unit(random, Dimensions));
        }

        float[] centre = RandomVectors.Unit(random, Dimensions);
        index.Upsert(Question(1) with { UsableUntil = Time.GetUtcNow() }, centre);
        index.Upsert(Question(2), RandomVectors.Near(random, centre, 0.2f));
        Neighbour[] found = new Neighbour[1];

        Assert.Equal(1, index.Search(Partition, centre, 0.5f, found));
        Assert.Equal("2", found[0].Question.Text);
    }

    [Theory]
    [InlineData(2_000)]
    [InlineData(PartitionScan.WholeScanLimit + 2_000)]
    public void Search_Repeated_AllocatesNothingButWhatItFound(int count)
    {
        var random = new Random(13);
        using var index = new MemoryVectorIndex(Dimensions, long.MaxValue, TimeProvider.System);
        for (int i = 0; i < count; i++)
        {
            index.Upsert(Question(i) with { UsableUntil = DateTimeOffset.MaxValue }, RandomVectors.Unit(random, Dimensions));
        }

        float[] query = RandomVectors.Unit(random, Dimensions);
        Assert.Equal(0, AllocatedBySearches(index, query, 0.99f, expected: 0));
        Assert.InRange(AllocatedBySearches(index, query, -1f, expected: 8), 1, 20 * 8 * 160);
    }

    [Fact]
    public void Upsert_PartitionsThatComeAndGo_LeaveNothingBehind()
    {
        using var index = new MemoryVectorIndex(Dimensions, 1_000_000, Time);
        for (int i = 0; i < 2_000; i++)
        {
            index.Upsert(Question(i) with { Partition = RandomVectors.Fingerprint(i), UsableUntil = Time.GetUtcNow().AddSeconds(1) }, Vector(i % 50));
            Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(1, index.RemoveExpired());
        }

        Assert.Equal(0, index.SizeBytes);
    }

    private static long AllocatedBySearches(MemoryVectorIndex index, float[] query, float minimum, int expected)
    {
        Neighbour[] found = new Neighbour[8];
        Assert.Equal(expected, index.Search(Partition, query, minimum, found));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            index.Search(Partition, query, minimum, found);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [Fact]
    public void Upsert_BeyondTheByteBound_DropsTheOldestOfAnyPartition()
    {
        using var index = new MemoryVectorIndex(Dimensions, 20_000, Time);
        var dropped = new List<string>();
        index.Dropped = question => dropped.Add(question.Text);
        for (int i = 0; i < 200; i++)
        {
            index.Upsert(Question(i) with { Partition = RandomVectors.Fingerprint(i % 3) }, Vector(i));
            Assert.InRange(index.SizeBytes, 1, 20_000);
        }

        Assert.Equal(200, index.Count + dropped.Count);
        Assert.Equal(Enumerable.Range(0, dropped.Count).Select(i => i.ToString()), dropped);
    }

    [Fact]
    public void Upsert_ReplacedQuestion_CountsAsYoung()
    {
        using var index = new MemoryVectorIndex(Dimensions, 20_000, Time);
        var dropped = new List<string>();
        index.Dropped = question => dropped.Add(question.Text);
        for (int i = 1; dropped.Count == 0; i++)
        {
            index.Upsert(Question(0), Vector(0));
            index.Upsert(Question(i), Vector(i));
        }

        Assert.Equal(["1"], dropped);
    }

    [Fact]
    public void Upsert_SameQuestionForEver_KeepsCountsAndOrderBounded()
    {
        using var index = new MemoryVectorIndex(Dimensions, 20_000, Time);
        for (int i = 0; i < 5_000; i++)
        {
            index.Upsert(Question(0), Vector(i % 7));
        }

        Assert.Equal(1, index.Count);
        long size = index.SizeBytes;
        index.Upsert(Question(0), Vector(3));
        Assert.Equal(size, index.SizeBytes);
    }

    [Fact]
    public void RemoveExpired_SomeExpired_GivesTheirMemoryBack()
    {
        using var index = new MemoryVectorIndex(Dimensions, long.MaxValue, Time);
        for (int i = 0; i < 100; i++)
        {
            index.Upsert(Question(i) with { UsableUntil = Time.GetUtcNow().AddSeconds(i % 2 == 0 ? 10 : 1000) }, Vector(i));
        }

        long size = index.SizeBytes;
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(50, index.RemoveExpired());
        Assert.Equal(50, index.Count);
        Assert.InRange(index.SizeBytes, 1, (size / 2) + 500);
        Assert.Equal(0, index.RemoveExpired());
    }

    [Fact]
    public async Task Remove_LastQuestion_LeavesNoBytesBehind()
    {
        using var index = new MemoryVectorIndex(Dimensions, long.MaxValue, Time);
        index.Upsert(Question(1), Vector(1));

        await index.RemoveAsync(Partition, RandomVectors.Fingerprint(1), TestContext.Current.CancellationToken);

        Assert.Equal(0, index.Count);
        Assert.Equal(0, index.SizeBytes);
    }

    [Fact]
    public void VectorBytes_BundledWidth_StaysUnderThirteenTenthsOfAByteForEachComponent()
    {
        using var index = new MemoryVectorIndex(Width, 1, Time);

        Assert.InRange(index.VectorBytes / (double)Width, 1.0, 1.3);
    }

    [Fact]
    public async Task Search_WhileOthersInsertAndRemove_NeverReturnsATornQuestion()
    {
        using var index = new MemoryVectorIndex(Dimensions, long.MaxValue, TimeProvider.System);
        float[][] vectors = [.. Enumerable.Range(0, 64).Select(Vector)];
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() => Churn(index, vectors, stop.Token), TestContext.Current.CancellationToken);
        Neighbour[] found = new Neighbour[4];
        try
        {
            for (int i = 0; i < 20_000; i++)
            {
                int number = i % vectors.Length;
                int count = index.Search(Partition, vectors[number], 0.99f, found);
                Assert.InRange(count, 0, 1);
                Assert.True(count == 0 || found[0].Question.Text == number.ToString());
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writer;
        }
    }

    private static async Task Churn(MemoryVectorIndex index, float[][] vectors, CancellationToken stop)
    {
        var random = new Random(14);
        while (!stop.IsCancellationRequested)
        {
            int number = random.Next(vectors.Length);
            index.Upsert(Question(number) with { UsableUntil = DateTimeOffset.MaxValue }, vectors[number]);
            await index.RemoveAsync(Partition, RandomVectors.Fingerprint(random.Next(vectors.Length)), CancellationToken.None);
        }
    }

    private static IndexedQuestion Question(int number)
        => new(Partition, RandomVectors.Fingerprint(number), number.ToString(), DateTimeOffset.MaxValue.AddDays(-1));

    private static void AssertSameAsBruteForce(MemoryVectorIndex index, Dictionary<int, float[]> naive, float[] query)
    {
        Neighbour[] found = new Neighbour[5];
        int count = index.Search(Partition, query, -1f, found);
        float[] expected = [.. naive.Values.Select(v => RandomVectors.Cosine(query, v)).OrderDescending().Take(5)];
        Assert.Equal(expected.Length, count);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(expected[i], found[i].Similarity, 0.01f);
            Assert.Equal(RandomVectors.Cosine(query, naive[int.Parse(found[i].Question.Text)]), found[i].Similarity, 0.01f);
        }
    }
}
