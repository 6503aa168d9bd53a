using CacheProxy.Record;

namespace CacheProxy.Tests.Record;

public sealed class EntryIdTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task New_OnManyThreads_IsNeverTheSame()
    {
        string[][] drawn = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Select(_ => EntryId.New(Start)).ToArray())));

        string[] ids = [.. drawn.SelectMany(part => part)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }

    [Fact]
    public void New_OfALaterTime_ComesBehindInTheOrderOfIds()
    {
        string[] ids = [.. Enumerable.Range(0, 300).Select(i => EntryId.New(Start.AddMilliseconds(i)))];

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public void New_OfNoTime_IsAnIdAllTheSame() => Assert.Matches("^[0-9a-f]{32}$", EntryId.New(default));
}
