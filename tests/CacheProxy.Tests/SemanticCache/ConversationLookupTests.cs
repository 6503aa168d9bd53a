using CacheProxy.Exchange;
using CacheProxy.Fingerprint;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>What was said before is judged turn by turn, once the last question would be served.</summary>
public sealed class ConversationLookupTests
{
    private const string Cached = "How do I sort a list in Python?";
    private const string Asked = "Please tell me how I sort a list in Python";

    private static readonly ConversationTurn[] Earlier = [new(true, "What is the capital of France?"), new(false, "Paris.")];

    [Fact]
    public async Task Lookup_SameConversation_IsServed() => Assert.Equal(SemanticReason.None, await ReasonAsync(Earlier, Earlier));

    [Fact]
    public async Task Lookup_EarlierQuestionInOtherWords_IsServed()
        => Assert.Equal(SemanticReason.None, await ReasonAsync(Earlier, [new(true, "What is the capital city of France?"), new(false, "It is Paris.")]));

    // Turns apart by |, a user's with q and the assistant's with a in front.
    [Theory]
    [InlineData("")]
    [InlineData("qWhat is the capital of France?")]
    [InlineData("qWhat is the capital of Spain?|aParis.")]
    [InlineData("qWhat is the capital of France?|aLyon.")]
    [InlineData("aParis.|qWhat is the capital of France?")]
    [InlineData("qWhat is the capital of France?|qParis.")]
    [InlineData("qWhat is the capital of France\u200B?|aParis.")]
    [InlineData("q```What is the capital of France?```|aParis.")]
    [InlineData("qWhat is the capital of France?|aParis.|qAnd of Spain?")]
    public async Task Lookup_AnotherConversation_IsNot(string turns)
    {
        ConversationTurn[] other = [.. turns.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(turn => new ConversationTurn(turn[0] == 'q', turn[1..]))];
        if (other.Length > 0)
        {
            Assert.Equal(SemanticReason.OtherContext, await ReasonAsync(Earlier, other));
        }

        Assert.Equal(SemanticReason.OtherContext, await ReasonAsync(other, Earlier));
    }

    [Fact]
    public async Task Lookup_VerifierRefusesAnEarlierQuestion_IsNotServed()
    {
        var verifier = new FakeVerifier { Score = pair => new VerifierScore(pair.Asked.Contains("capital", StringComparison.Ordinal) ? -5f : 9f, false) };

        Assert.Equal(SemanticReason.OtherContext, await ReasonAsync(Earlier, [new(true, "What is the capital city of France?"), Earlier[1]], verifier));
        Assert.Equal(SemanticReason.None, await ReasonAsync(Earlier, Earlier, verifier));
    }

    [Fact]
    public async Task Lookup_VerifierReadsAnEarlierQuestionInPart_IsNotServed()
    {
        var verifier = new FakeVerifier { Score = pair => new VerifierScore(9f, pair.Asked.Contains("capital", StringComparison.Ordinal)) };

        Assert.Equal(SemanticReason.OtherContext, await ReasonAsync(Earlier, [new(true, "What is the capital city of France?"), Earlier[1]], verifier));
    }

    [Fact]
    public async Task Lookup_OnlyTheSecondCandidateHasTheConversation_ServesThat()
    {
        using var sut = new LookupHarness();
        await sut.AnswerAsync(Text(Asked, [new(true, "What is the capital of Spain?"), new(false, "Madrid.")]));
        CacheEntry right = await sut.AnswerAsync(Text(Cached, Earlier));

        Assert.Same(right, (await sut.LookupAsync(Query(Asked, Earlier))).Entry);
    }

    private static async Task<SemanticReason> ReasonAsync(ConversationTurn[] cached, ConversationTurn[] asked, FakeVerifier? verifier = null)
    {
        using var sut = new LookupHarness(verifier: verifier);
        await sut.AnswerAsync(Text(Cached, cached));
        return (await sut.LookupAsync(Query(Asked, asked))).Reason;
    }

    private static string Text(string question, ConversationTurn[] earlier) => IndexedText.Of(Query(question, earlier));

    private static SemanticQuery Query(string text, ConversationTurn[] earlier)
        => new() { Scope = "scope", Partition = LookupHarness.Partition, Text = text, Earlier = earlier };
}
