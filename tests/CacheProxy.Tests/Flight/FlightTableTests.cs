using CacheProxy.Exchange;
using CacheProxy.Flight;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Flight;

public class FlightTableTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FlightTable _table;

    public FlightTableTests() => _table = new FlightTable(new TestOptions<FlightOptions>(FlightOptionsDefault), new PurgeLog(), _clock);

    [Fact]
    public void JoinOrLead_SameForm_Joins_OtherFormOrDialect_Leads()
    {
        (SharedAnswer first, _, bool isNew) = Ask(isStream: true);
        Assert.True(isNew);

        Assert.Same(first, Ask(isStream: true).Answer);
        Assert.True(Ask(isStream: false).IsNew);
        Assert.True(Ask(isStream: true, dialect: Dialect.AnthropicMessages).IsNew);
        Assert.True(Ask(isStream: true, question: 2).IsNew);
        Assert.Equal(4, _table.Count);
        Assert.Equal(5, _table.Waiters);
    }

    [Fact]
    public void JoinOrLead_UsageThatTheStreamTurnsOutToLack_Leads()
    {
        (SharedAnswer first, _, _) = Ask(isStream: true);
        Assert.Same(first, Ask(isStream: true, wantsUsage: true).Answer);

        first.Start(200, new HeaderDictionary());
        (SharedAnswer second, _, bool isNew) = Ask(isStream: true, wantsUsage: true);
        Assert.True(isNew);

        // Both can be joined: without usage the newer one does too.
        second.Start(200, new HeaderDictionary());
        Assert.Same(second, Ask(isStream: true, wantsUsage: true).Answer);
        Assert.False(Ask(isStream: true).IsNew);
    }

    [Fact]
    public void JoinOrLead_UsageThatWasAddedForTheProxyItself_Joins()
    {
        (SharedAnswer first, _, _) = Ask(isStream: true);
        first.Leader.UsageWasAdded = true;
        first.Start(200, new HeaderDictionary());

        Assert.Same(first, Ask(isStream: true, wantsUsage: true).Answer);
    }

    [Theory]
    [InlineData(true, 0, null, true)]
    [InlineData(false, 0.95f, null, true)]
    [InlineData(false, 0.9f, null, false)]
    [InlineData(false, 0, 60, true)]
    [InlineData(false, 0, null, false)]
    public void JoinOrLead_AnswerOfAnotherQuestion_IsOnlyForThoseWhoTakeSuchOnes(bool isOff, float minimum, int? maxAge, bool leads)
    {
        (SharedAnswer first, _, _) = Ask(isStream: false);
        (first.Leader.Outcome, first.Leader.Similarity) = (CacheOutcome.Semantic, 0.9f);
        first.Start(200, new HeaderDictionary());

        Assert.Equal(leads, Ask(isStream: false, semantic: new SemanticWish(isOff, minimum), directives: new CacheDirectives { MaxAgeSeconds = maxAge }).IsNew);
    }

    [Fact]
    public void Failure_IsGivenWhileItIsHeld_InBothForms()
    {
        (SharedAnswer failed, _, _) = Ask(isStream: true);
        failed.Start(500, new HeaderDictionary());
        failed.Complete();
        _table.Remove(failed);

        Assert.Same(failed, Ask(isStream: true).Answer);
        Assert.Same(failed, Ask(isStream: false).Answer);
        Assert.True(Ask(isStream: false, dialect: Dialect.AnthropicMessages).IsNew);
        _clock.Advance(TimeSpan.FromMilliseconds(FlightOptionsDefault.FailureHoldMilliseconds));
        Assert.True(Ask(isStream: true).IsNew);
    }

    [Theory]
    [InlineData(Dialect.OpenAIChat, "data: {}\n\ndata: [DONE]\n\n", true)]
    [InlineData(Dialect.OpenAIChat, "data: [DONE]\r\n\r\n", true)]
    [InlineData(Dialect.OpenAIChat, "data: {\"content\":\"data: [DONE]\"}\n\n", false)]
    [InlineData(Dialect.OpenAIChat, "data: {}\n\ndata: [DONE]\n", false)]
    [InlineData(Dialect.OpenAIChat, "data: {}\n\n", false)]
    [InlineData(Dialect.AnthropicMessages, "event: ping\ndata: {}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"     }\n\n", true)]
    [InlineData(Dialect.AnthropicMessages, "event: message_delta\ndata: {\"type\":\"message_stop\"}\n\n", false)]
    [InlineData(Dialect.OpenAIResponses, "event: response.created\ndata: {}\n\nevent: response.completed\ndata: {\"response\":{}}\n\n", true)]
    [InlineData(Dialect.OpenAIResponses, "event: response.created\ndata: {}\n\n", false)]
    public void FindLanding_StreamWithItsLastEvent_IsFound(Dialect dialect, string text, bool isFound)
    {
        (SharedAnswer answer, _, _) = Ask(isStream: true, dialect: dialect);
        answer.Start(200, new HeaderDictionary());
        answer.Append(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Equal(isFound ? [answer] : [], _table.FindLanding(answer.Key.Fingerprint));
    }

    [Fact]
    public void FindLanding_LongLastEvent_IsFound()
    {
        (SharedAnswer answer, _, _) = Ask(isStream: true, dialect: Dialect.OpenAIResponses);
        answer.Start(200, new HeaderDictionary());
        answer.Append("event: response.in_progress\ndata: {}\n\n"u8);
        answer.Append(System.Text.Encoding.UTF8.GetBytes($"event: response.completed\ndata: {{\"text\":\"{new string('x', 20_000)}\"}}\n\n"));

        Assert.Single(_table.FindLanding(answer.Key.Fingerprint));
    }

    [Fact]
    public void MayHaveLandedSince_OnlyAfterAnEntryLanded()
    {
        (SharedAnswer answer, _, _) = Ask(isStream: false);
        long before = _clock.GetTimestamp();
        answer.Complete();
        _table.Remove(answer);
        Assert.False(_table.MayHaveLandedSince(answer.Key.Fingerprint, before));

        (answer, _, _) = Ask(isStream: false);
        answer.Leader.Recorded = SampleEntries.Plain(1);
        answer.Complete();
        _table.Remove(answer);

        Assert.True(_table.MayHaveLandedSince(answer.Key.Fingerprint, before));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_table.MayHaveLandedSince(answer.Key.Fingerprint, _clock.GetTimestamp()));
    }

    private static FlightOptions FlightOptionsDefault { get; } = new();

    private (SharedAnswer Answer, ReplayBuffer.Cursor Cursor, bool IsNew) Ask(bool isStream, bool wantsUsage = false, byte question = 1, Dialect dialect = Dialect.OpenAIChat, SemanticWish semantic = default, CacheDirectives directives = default)
    {
        byte[] hash = new byte[Fingerprint256.SizeBytes];
        hash[0] = question;
        var exchange = new ExchangeFeature
        {
            Dialect = dialect,
            Scope = default!,
            Body = default,
            Semantic = semantic,
            Directives = directives,
            Fingerprint = new Fingerprint256(hash),
            Facts = new RequestFacts { Model = "m", IsStream = isStream, IncludesUsage = wantsUsage },
        };
        return _table.JoinOrLead(FlightKey.Of(exchange), exchange);
    }
}
