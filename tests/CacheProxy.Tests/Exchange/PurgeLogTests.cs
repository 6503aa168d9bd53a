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
    public void OthersAnswer_AskedForBeforeAPurgeThatIsKnownHere_IsCovered()
    {
        var exchange = new ExchangeFeature { Dialect = Dialect.OpenAIChat, Scope = new Scope(SampleEntries.Fingerprint(1)), Body = default, Tags = ["a"] };
        Purge own = _sut.Add(new EntrySelector { Tag = "a" });
        Assert.True(_sut.CoversOthers(exchange, 100));

        own.Number = 7;
        _sut.Add(new EntrySelector { Tag = "b" }, 8);

        Assert.True(_sut.CoversOthers(exchange, 6));
        Assert.False(_sut.CoversOthers(exchange, 7));

        _sut.RestartNumbers();
        Assert.False(_sut.CoversOthers(exchange, 0));
    }

    [Fact]
    public void OthersAnswer_OlderThanWhatIsRemembered_IsCovered()
    {
        var exchange = new ExchangeFeature { Dialect = Dialect.OpenAIChat, Scope = new Scope(SampleEntries.Fingerprint(1)), Body = default };
        for (int i = 1; i <= 3000; i++)
        {
            _sut.Add(new EntrySelector { Model = "other" }, i);
        }

        Assert.True(_sut.CoversOthers(exchange, 1));
        Assert.False(_sut.CoversOthers(exchange, 2990));
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
