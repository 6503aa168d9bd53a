using CacheProxy.Exchange;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Exchange;

public class PurgeLogTests
{
    private readonly PurgeLog _sut = new();

    [Fact]
    public void Entry_AskedForBeforeAPurgeOfIt_IsCovered()
    {
        long before = _sut.Mark;
        _sut.Add(new EntrySelector { Model = "other" });
        Assert.False(_sut.Covers(SampleEntries.Plain(1), before));

        _sut.Add(new EntrySelector { Namespace = "default" });

        Assert.True(_sut.Covers(SampleEntries.Plain(1), before));
        Assert.False(_sut.Covers(SampleEntries.Plain(1), _sut.Mark));
        Assert.False(_sut.Covers(SampleEntries.Plain(1) with { Namespace = "x" }, before));
    }

    [Fact]
    public void Entry_OlderThanWhatIsRemembered_IsCovered()
    {
        long before = _sut.Mark;
        for (int i = 0; i < 3000; i++)
        {
            _sut.Add(new EntrySelector { Model = "other" });
        }

        Assert.True(_sut.Covers(SampleEntries.Plain(1), before));
        Assert.False(_sut.Covers(SampleEntries.Plain(1), _sut.Mark - 100));
    }
}
