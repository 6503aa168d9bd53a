using CacheProxy.Record;

namespace CacheProxy.Tests.Record;

public sealed class EntryIdTests
{
    [Fact]
    public async Task New_OnManyThreads_IsNeverTheSame()
    {
        string[][] drawn = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Select(_ => EntryId.New()).ToArray())));

        string[] ids = [.. drawn.SelectMany(part => part)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id));
    }
}
