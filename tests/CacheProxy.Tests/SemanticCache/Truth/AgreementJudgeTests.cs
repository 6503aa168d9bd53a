using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.Tests.SemanticCache.Truth;

public sealed class AgreementJudgeTests
{
    [Theory]
    [InlineData("The capital is **Paris**.", "the capital is paris", ObservationOutcome.Right)]
    [InlineData("Paris", "Lyon", ObservationOutcome.Wrong)]
    [InlineData("It has 12 moons.", "It has 14 moons.", ObservationOutcome.Wrong)]
    [InlineData("It costs 1,200 dollars in total.", "In total it costs 1200 dollars.", ObservationOutcome.Right)]
    [InlineData("Yes, that is possible with the current plan.", "No, that is not possible with the current plan.", ObservationOutcome.Wrong)]
    [InlineData("You can cancel the contract within two weeks.", "You can not cancel the contract within two weeks.", ObservationOutcome.Wrong)]
    [InlineData("It's safe to take both on one day.", "It isn't safe to take both on one day.", ObservationOutcome.Wrong)]
    [InlineData("It is legal to park there.", "It is illegal to park there.", ObservationOutcome.Wrong)]
    [InlineData("", "Paris", ObservationOutcome.Unknown)]
    public async Task Judge_TwoAnswers_SaysWhetherTheyAgree(string stored, string fresh, ObservationOutcome expected)
    {
        var sut = new AgreementJudge(new FakeEmbedder(), new TestOptions<SemanticOptions>(new SemanticOptions { AnswerSimilarity = 0.5 }));

        Assert.Equal(expected, await sut.JudgeAsync(Answer(stored), Answer(fresh), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Judge_EncoderFails_DoesNotKnow()
    {
        var sut = new AgreementJudge(new FakeEmbedder { Failure = new IOException("gone") }, new TestOptions<SemanticOptions>(new SemanticOptions()));

        Assert.Equal(
            ObservationOutcome.Unknown,
            await sut.JudgeAsync(Answer("A rather long answer about cats"), Answer("Quite another text about cats"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Judge_LongAnswersThatBeginAlike_DoesNotKnow()
    {
        var sut = new AgreementJudge(new FakeEmbedder(), new TestOptions<SemanticOptions>(new SemanticOptions { AnswerSimilarity = 0.5 }));
        string beginning = string.Concat(Enumerable.Repeat("The committee met again and talked about the plan. ", 30));

        Assert.Equal(
            ObservationOutcome.Unknown,
            await sut.JudgeAsync(
                Answer(beginning + "Then everybody agreed to it."), Answer(beginning + "Then nothing came of that in the end."), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Judge_LongAnswersThatNegateEachOther_AreContested()
    {
        var sut = new AgreementJudge(new FakeEmbedder(), new TestOptions<SemanticOptions>(new SemanticOptions { AnswerSimilarity = 0.5 }));
        string rest = string.Concat(Enumerable.Repeat(" The committee met and talked about the plan.", 6));
        CanonicalAnswer one = Answer("The permit allows parking there at night." + rest), other = Answer("The permit does not allow parking there at night." + rest);

        Assert.Equal(ObservationOutcome.Unknown, await sut.JudgeAsync(one, other, TestContext.Current.CancellationToken));
        Assert.True(AgreementJudge.IsContested(one, other));
        Assert.False(AgreementJudge.IsContested(one, one));
    }

    [Theory]
    [InlineData("{\"a\": 1}", "{\"a\":1}", ObservationOutcome.Right)]
    [InlineData("{\"a\": 1}", "{\"a\":2}", ObservationOutcome.Wrong)]
    public async Task Judge_ToolCalls_MustBeTheSame(string stored, string fresh, ObservationOutcome expected)
    {
        var sut = new AgreementJudge(new FakeEmbedder(), new TestOptions<SemanticOptions>(new SemanticOptions()));

        Assert.Equal(expected, await sut.JudgeAsync(Call(stored), Call(fresh), TestContext.Current.CancellationToken));
    }

    private static CanonicalAnswer Answer(string text) => Made(new AnswerEvent.TextDelta(0, text));

    private static CanonicalAnswer Call(string arguments) => Made(new AnswerEvent.ToolCallDelta(0, 0, "id", "f", arguments));

    private static CanonicalAnswer Made(AnswerEvent step) => new()
    {
        UpstreamId = "",
        Model = "",
        CreatedUnixSeconds = 0,
        Events = [step],
        Body = new RecordedBody(Dialect.OpenAIChat, false, false, "application/json", ReadOnlyMemory<byte>.Empty),
    };
}
