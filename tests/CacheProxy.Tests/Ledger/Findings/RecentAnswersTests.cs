using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger.Findings;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Ledger.Findings;

public class RecentAnswersTests
{
    private static readonly DateTimeOffset Start = SampleEntries.Start;

    private readonly RecentAnswers _recent = new();

    [Theory]
    [InlineData(60, false)]
    [InlineData(61, true)]
    [InlineData(86_400, true)]
    public void Answer_AskedForAgain_IsExpiredBehindItsTtl(int seconds, bool isExpired)
    {
        _recent.Note(Exchange(1, Entry("a")), Start);

        RecentAnswer? found = _recent.FindExpired(Exchange(1), Start.AddSeconds(seconds));

        Assert.Equal(isExpired, found is not null);
        Assert.Equal(isExpired ? 60 : null, found?.TtlSeconds);
        Assert.Null(_recent.FindExpired(Exchange(2), Start.AddSeconds(seconds)));
    }

    [Fact]
    public void Namespace_OrScope_IsAnotherRequest()
    {
        _recent.Note(Exchange(1, Entry("a")), Start);

        Assert.Null(_recent.FindExpired(Exchange(1, space: "team"), Start.AddHours(1)));
        Assert.Null(_recent.FindExpired(Exchange(1, scope: 9), Start.AddHours(1)));
        Assert.NotNull(_recent.FindExpired(Exchange(1), Start.AddHours(1)));
    }

    [Fact]
    public void Refresh_TakesThePlaceOfTheAnswerBefore()
    {
        _recent.Note(Exchange(1, Entry("a")), Start);
        _recent.Note(Exchange(1, Entry("b", Start.AddSeconds(50))), Start.AddSeconds(50));

        Assert.Null(_recent.FindExpired(Exchange(1), Start.AddSeconds(100)));
    }

    [Fact]
    public void Texts_AreComparedByWhatTheySay()
    {
        CacheEntry whole = Entry("hello"), pieces = Entry("x") with { Answer = Entry("x").Answer with { Events = [new AnswerEvent.TextDelta(0, "he"), new AnswerEvent.TextDelta(0, "llo")] } };

        Assert.Equal(RecentAnswers.TextOf(whole), RecentAnswers.TextOf(pieces));
        Assert.NotEqual(RecentAnswers.TextOf(whole), RecentAnswers.TextOf(Entry("hullo")));
        Assert.Equal(0, RecentAnswers.TextOf(Entry("")));
    }

    [Fact]
    public void Flood_OfAnswers_IsRemembered_ButNotWhatAllOfThemSaid()
    {
        for (int i = 0; i < 60; i++)
        {
            _recent.Note(Exchange(i, Entry("a")), Start);
        }

        RecentAnswer[] found = [.. Enumerable.Range(0, 60).Select(i => _recent.FindExpired(Exchange(i), Start.AddHours(1))).OfType<RecentAnswer>()];

        // Two of them may have one place.
        Assert.InRange(found.Length, 57, 60);
        Assert.InRange(found.Count(one => one.Text != 0), 7, 10);
        _recent.Clear();
        Assert.Null(_recent.FindExpired(Exchange(0), Start.AddHours(1)));
    }

    private static CacheEntry Entry(string text, DateTimeOffset? at = null)
    {
        CacheEntry plain = SampleEntries.Plain(1, ttlSeconds: 60, createdAt: at ?? Start);
        return plain with { Answer = plain.Answer with { Events = [new AnswerEvent.TextDelta(0, text)] } };
    }

    private static ExchangeFeature Exchange(int fingerprint, CacheEntry? recorded = null, string space = "", int scope = 7) => new()
    {
        Dialect = Dialect.OpenAIChat,
        Scope = new Scope(SampleEntries.Fingerprint(1000 + scope)),
        Body = default,
        Namespace = space,
        Fingerprint = SampleEntries.Fingerprint(fingerprint),
        Recorded = recorded,
    };
}
