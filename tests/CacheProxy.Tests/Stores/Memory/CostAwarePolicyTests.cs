using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Stores.Codec;
using CacheProxy.Stores.Memory;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Memory;

public sealed class CostAwarePolicyTests
{
    [Fact]
    public void DearAnswers_OutliveCheapOnes_OfTheSameUse()
    {
        using MemoryEntryStore store = CreateSut(100);
        for (int i = 0; i < 300; i++)
        {
            store.Set(Entry(i, seconds: i % 3 == 0 ? 60 : 0.5));
        }

        int dear = Enumerable.Range(0, 300).Count(i => i % 3 == 0 && store.TryGet(SampleEntries.Fingerprint(i), out _));

        Assert.InRange(dear, 90, 100);
    }

    [Fact]
    public void SmallAnswers_OutliveLargeOnes_OfTheSameCost()
    {
        using MemoryEntryStore store = CreateSut(100);
        for (int i = 0; i < 300; i++)
        {
            store.Set(Entry(i, seconds: 10, bodyBytes: i % 2 == 0 ? 500 : 5000));
        }

        int small = Enumerable.Range(0, 300).Count(i => i % 2 == 0 && store.TryGet(SampleEntries.Fingerprint(i), out _));
        int large = Enumerable.Range(0, 300).Count(i => i % 2 == 1 && store.TryGet(SampleEntries.Fingerprint(i), out _));

        Assert.True(small > 2 * large, $"{small} small ones, {large} large ones");
    }

    [Fact]
    public void Answer_WorthLessThanAllThereIs_IsNotAdmitted()
    {
        using MemoryEntryStore store = CreateSut(100);
        for (int i = 0; i < 100; i++)
        {
            store.Set(Entry(i, seconds: 60));
            store.TryGet(SampleEntries.Fingerprint(i), out _);
        }

        int before = store.Count;
        store.Set(Entry(1000, seconds: 0.02));

        Assert.False(store.TryGet(SampleEntries.Fingerprint(1000), out _));
        Assert.Equal(before, store.Count);
    }

    [Fact]
    public void Popularity_OfYesterday_GivesWay()
    {
        using MemoryEntryStore store = CreateSut(100);
        Serve(store, from: 0);
        Serve(store, from: 1000);

        int current = Enumerable.Range(1000, 80).Count(i => store.TryGet(SampleEntries.Fingerprint(i), out _));

        Assert.InRange(current, 70, 80);
    }

    [Fact]
    public void Usage_CountsWhereThereIsSome()
    {
        CacheEntry plain = Entry(1, seconds: 2);
        CacheEntry priced = plain with { Answer = plain.Answer with { Events = [.. plain.Answer.Events, new AnswerEvent.Usage("{}", 1000, 250, 0)] } };

        Assert.Equal(4, EntryValue.Of(priced), 6);
        Assert.Equal(2 + (500 / 4 * 0.004), EntryValue.Of(plain), 6);
        Assert.Equal(0.01, EntryValue.Of(plain with { MissDurationSeconds = double.NaN }), 6);
    }

    [Fact]
    public void Sketch_KnowsWhatItWasTold_AndForgetsByHalves()
    {
        var sketch = new FrequencySketch(1024);
        for (int i = 0; i < 200; i++)
        {
            sketch.Raise(SampleEntries.Fingerprint(i), (i % 15) + 1);
        }

        Assert.All(Enumerable.Range(0, 200), i => Assert.InRange(sketch.Estimate(SampleEntries.Fingerprint(i)), (i % 15) + 1, 15));
        Assert.InRange(Enumerable.Range(0, 200).Count(i => sketch.Estimate(SampleEntries.Fingerprint(i)) > (i % 15) + 1), 0, 4);
        Assert.InRange(Enumerable.Range(1000, 1000).Count(i => sketch.Estimate(SampleEntries.Fingerprint(i)) > 0), 0, 20);

        sketch.Halve();

        Assert.All(Enumerable.Range(0, 200), i => Assert.InRange(sketch.Estimate(SampleEntries.Fingerprint(i)), ((i % 15) + 1) / 2, 7));
    }

    private static void Serve(MemoryEntryStore store, int from)
    {
        for (int round = 0; round < 20; round++)
        {
            for (int i = from; i < from + 80; i++)
            {
                if (!store.TryGet(SampleEntries.Fingerprint(i), out _))
                {
                    store.Set(Entry(i, seconds: 1));
                }
            }
        }
    }

    private static CacheEntry Entry(int number, double seconds, int bodyBytes = 500) => SampleEntries.Plain(number, bodyBytes) with { MissDurationSeconds = seconds };

    private static MemoryEntryStore CreateSut(int roomForEntries)
        => new((long)roomForEntries * EntrySize.Estimate(SampleEntries.Plain(1)), new FakeTimeProvider(SampleEntries.Start));
}
