using CacheProxy.Exchange;
using CacheProxy.Fingerprint;
using CacheProxy.SemanticCache;
using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.Tests.SemanticCache.Questions;

public sealed class EarlierTurnsTests
{
    private static readonly ConversationTurn[] Turns = [new(true, "a \"question\"?"), new(false, ""), new(true, "q\u001E")];

    [Fact]
    public void Read_WhatWasWritten_IsTheSame() => Assert.Equal(Turns, EarlierTurns.Read(EarlierTurns.Write(Turns)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[\"\"]")]
    [InlineData("[null]")]
    [InlineData("[\"x\"]")]
    [InlineData("[\"qfine\"")]
    public void Read_AnythingElse_IsNothing(string? context) => Assert.Null(EarlierTurns.Read(context));

    [Fact]
    public void IndexedText_WithAndWithoutConversation_GivesBothBack()
    {
        var query = new SemanticQuery { Scope = "s", Partition = default(Fingerprint256), Text = "And then?" };
        string text = IndexedText.Of(query with { Earlier = Turns });

        Assert.Equal("And then?", IndexedText.Of(query));
        Assert.Null(IndexedText.ContextOf(IndexedText.Of(query)));
        Assert.Equal("And then?", IndexedText.QuestionOf(text));
        Assert.Equal(Turns, EarlierTurns.Read(IndexedText.ContextOf(text)));
    }

    [Fact]
    public void AreJudgeable_LongConversations_AreNot()
    {
        Assert.True(EarlierTurns.AreJudgeable(Turns));
        Assert.False(EarlierTurns.AreJudgeable([.. Enumerable.Repeat(new ConversationTurn(true, "x"), EarlierTurns.MaximumQuestions + 1)]));
        Assert.False(EarlierTurns.AreJudgeable([new ConversationTurn(false, new string('x', EarlierTurns.MaximumCharacters + 1))]));
    }
}
