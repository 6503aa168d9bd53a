using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.Tests.SemanticCache.Questions;

public sealed class AnswerAgreementTests
{
    [Theory]
    [InlineData("Paris.", "Paris.")]
    [InlineData("Paris.", "It is Paris.")]
    [InlineData("12", "It's 12.")]
    [InlineData("\u200B", "\u200B")]
    public void Agree_SameOrOnlySmallWordsDiffer_IsTrue(string cached, string asked) => Assert.True(AnswerAgreement.Agree(cached, asked));

    [Theory]
    [InlineData("Oslo.", "Rome.")]
    [InlineData("France", "Spain is larger than France")]
    [InlineData("an apple", "a banana")]
    [InlineData("12", "13")]
    [InlineData("5 of 10", "10 of 5")]
    [InlineData("It is safe.", "It is not safe.")]
    [InlineData("Alice beat Bob.", "Bob beat Alice.")]
    [InlineData("Paris.", "Paris, or Lyon.")]
    [InlineData("Paris", "Par\u200Bis")]
    [InlineData("", "It is.")]
    [InlineData("5 $", "5 €")]
    public void Agree_AnythingElse_IsFalse(string cached, string asked)
    {
        Assert.False(AnswerAgreement.Agree(cached, asked));
        Assert.False(AnswerAgreement.Agree(asked, cached));
    }
}
