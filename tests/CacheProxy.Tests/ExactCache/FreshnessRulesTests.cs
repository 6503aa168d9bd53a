using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Policies;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.ExactCache;

public class FreshnessRulesTests
{
    private const int Ttl = 100;

    private static readonly CachePolicy Policy = CachePolicy.Of(new ExactOptions { TtlSeconds = Ttl, StaleWhileRevalidateSeconds = 50, StaleIfErrorSeconds = 300 }, null);

    // Entry: fresh for 100 s, then 50 s stale-while-revalidate, 300 s stale-if-error.
    [Theory]
    [InlineData(0, Freshness.Fresh)]
    [InlineData(99, Freshness.Fresh)]
    [InlineData(100, Freshness.StaleRefresh)]
    [InlineData(150, Freshness.StaleRefresh)]
    [InlineData(151, Freshness.StaleIfError)]
    [InlineData(400, Freshness.StaleIfError)]
    [InlineData(401, Freshness.Unusable)]
    public void Age_DecidesWithoutWishes(int age, Freshness expected) => Assert.Equal(expected, Judge(age, default));

    // RFC 9111 §5.2.1: max-age, max-stale, min-fresh alone and together; null: not asked.
    [Theory]
    [InlineData(50, 50, null, null, Freshness.Fresh)]
    [InlineData(51, 50, null, null, Freshness.StaleIfError)]
    [InlineData(0, 0, null, null, Freshness.Fresh)]
    [InlineData(1, 0, null, null, Freshness.StaleIfError)]
    [InlineData(120, 50, null, null, Freshness.StaleIfError)]
    // "Unless max-stale is also present, the client does not wish to receive a stale response": not by stale-while-revalidate either.
    [InlineData(120, 1000, null, null, Freshness.StaleIfError)]
    [InlineData(90, null, null, 10, Freshness.Fresh)]
    [InlineData(91, null, null, 10, Freshness.StaleIfError)]
    [InlineData(0, null, null, 101, Freshness.StaleIfError)]
    [InlineData(0, null, null, int.MaxValue, Freshness.StaleIfError)]
    [InlineData(200, null, 100, null, Freshness.StaleAccepted)]
    [InlineData(201, null, 100, null, Freshness.StaleIfError)]
    [InlineData(999, null, int.MaxValue, null, Freshness.StaleAccepted)]
    [InlineData(100, null, 0, null, Freshness.StaleAccepted)]
    // Who says how stale is not given a staler one, though stale-while-revalidate would.
    [InlineData(120, null, 10, null, Freshness.StaleIfError)]
    [InlineData(90, null, 10, null, Freshness.Fresh)]
    // max-stale counts from the end of whichever is shorter, the TTL or the client's max-age.
    [InlineData(60, 50, 10, null, Freshness.Fresh)]
    [InlineData(61, 50, 10, null, Freshness.StaleIfError)]
    [InlineData(110, 1000, 10, null, Freshness.StaleAccepted)]
    [InlineData(111, 1000, 10, null, Freshness.StaleIfError)]
    // min-fresh and max-stale contradict each other.
    [InlineData(95, null, 1000, 10, Freshness.StaleIfError)]
    [InlineData(120, null, 1000, 10, Freshness.StaleIfError)]
    [InlineData(80, 50, null, 10, Freshness.StaleIfError)]
    [InlineData(40, 50, null, 10, Freshness.Fresh)]
    public void Wishes_Decide(int age, int? maxAge, int? maxStale, int? minFresh, Freshness expected)
        => Assert.Equal(expected, Judge(age, new CacheDirectives { MaxAgeSeconds = maxAge, MaxStaleSeconds = maxStale, MinFreshSeconds = minFresh }));

    [Theory]
    [InlineData(160, 0, Freshness.Unusable)]
    [InlineData(160, 60, Freshness.StaleIfError)]
    [InlineData(161, 60, Freshness.Unusable)]
    public void StaleIfError_OfTheClient_ReplacesTheEntrys(int age, int seconds, Freshness expected)
        => Assert.Equal(expected, Judge(age, new CacheDirectives { StaleIfErrorSeconds = seconds }));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(-60, 5)]
    public void ClockSetBackALittle_IsNoReasonToRefuse(int age, int maxAge) => Assert.Equal(Freshness.Fresh, Judge(age, new CacheDirectives { MaxAgeSeconds = maxAge }));

    [Fact]
    public void ClockSetBack_LeavesNoMoreThanTheTtl()
        => Assert.Equal(Freshness.StaleIfError, Judge(-30, new CacheDirectives { MinFreshSeconds = Ttl + 1 }));

    [Theory]
    [InlineData(100, 40, 39, Freshness.Fresh)]
    [InlineData(100, 40, 40, Freshness.StaleRefresh)]
    [InlineData(100, 1000, 99, Freshness.Fresh)]
    [InlineData(100, 1000, 100, Freshness.StaleRefresh)]
    [InlineData(100, 0, 0, Freshness.StaleRefresh)]
    public void Ttl_IsTheShorterOfTheEntrysAndTodays(int stored, int today, int age, Freshness expected)
        => Assert.Equal(expected, Judge(Entry() with { TtlSeconds = stored }, With(new ExactRule { TtlSeconds = today, MaxTtlSeconds = 5000 }), age));

    [Theory]
    [InlineData(150, 200, 149, Freshness.Fresh)]
    [InlineData(150, 120, 120, Freshness.StaleRefresh)]
    public void Ttl_ThatWasAskedFor_IsBoundedByTodaysMaximum(int stored, int maximum, int age, Freshness expected)
        => Assert.Equal(expected, Judge(Entry() with { TtlSeconds = stored, HasAskedTtl = true }, With(new ExactRule { MaxTtlSeconds = maximum }), age));

    [Fact]
    public void StaleTimes_AreTheShorterOfTheEntrysAndTodays()
        => Assert.Equal(Freshness.Unusable, Judge(Entry(), With(new ExactRule { StaleWhileRevalidateSeconds = 0, StaleIfErrorSeconds = 0 }), 100));

    [Fact]
    public void Ttl_OfAllTime_IsFresh()
        => Assert.Equal(
            Freshness.Fresh, Judge(Entry() with { TtlSeconds = int.MaxValue, StaleIfErrorSeconds = int.MaxValue }, With(new ExactRule { TtlSeconds = int.MaxValue }), 2_000_000_000));

    [Theory]
    [InlineData(false, Freshness.Unusable)]
    [InlineData(true, Freshness.Fresh)]
    public void ToolCalls_AnswerOnlyWhoMayHaveThem(bool allowed, Freshness expected)
    {
        CacheEntry plain = Entry();
        CacheEntry calls = plain with { Answer = plain.Answer with { Events = [new AnswerEvent.ToolCallDelta(0, 0, "id", "f", "{}"), new AnswerEvent.Finish(0, "tool_calls")] } };

        Assert.Equal(expected, Judge(calls, With(new ExactRule { AllowToolCalls = allowed }), 1));
    }

    [Theory]
    [InlineData("length", false, Freshness.Unusable)]
    [InlineData("length", true, Freshness.Fresh)]
    [InlineData("stop", false, Freshness.Fresh)]
    public void TruncatedAnswers_AnswerOnlyWhoMayHaveThem(string finish, bool allowed, Freshness expected)
    {
        CacheEntry plain = Entry();
        CacheEntry ended = plain with { Answer = plain.Answer with { Events = [new AnswerEvent.TextDelta(0, "a"), new AnswerEvent.Finish(0, finish)] } };

        Assert.Equal(expected, Judge(ended, With(new ExactRule { AllowTruncated = allowed }), 1));
    }

    private static CacheEntry Entry() => SampleEntries.Plain(1) with { TtlSeconds = Ttl, StaleWhileRevalidateSeconds = 50, StaleIfErrorSeconds = 300 };

    private static CachePolicy With(ExactRule rule)
        => CachePolicy.Of(new ExactOptions { TtlSeconds = Ttl, StaleWhileRevalidateSeconds = 50, StaleIfErrorSeconds = 300 }, rule);

    [Theory]
    [InlineData(-60, Freshness.Fresh)]
    [InlineData(-61, Freshness.Unusable)]
    [InlineData(-2_000_000_000, Freshness.Unusable)]
    public void Entry_FromTheFuture_AnswersNothingBeyondWhatClocksDiffer(int age, Freshness expected) => Assert.Equal(expected, Judge(age, default));

    private static Freshness Judge(int age, CacheDirectives wishes)
    {
        CacheEntry entry = Entry();
        return FreshnessRules.Judge(entry, Policy, wishes, entry.CreatedAt.AddSeconds(age));
    }

    private static Freshness Judge(CacheEntry entry, CachePolicy policy, int age)
        => FreshnessRules.Judge(entry, policy, default, entry.CreatedAt.AddSeconds(age));
}
