using System.Text.RegularExpressions;
using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.Tests.SemanticCache.Questions;

public sealed class PromptTemplatesTests
{
    private const string Rag = """(?s)^Context:\s*(?<context>.*?)\s*Question:\s*(?<question>.*?)\s*$""";

    [Fact]
    public void TrySplit_MatchingPrompt_GivesTheQuestionAndAllAroundIt()
    {
        var sut = new PromptTemplates([Rag]);

        Assert.True(sut.TrySplit("Context: a passage\nQuestion: Why? \n", out PromptSplit split));
        Assert.Equal(new PromptSplit("Context: a passage\nQuestion: ", "Why?", " \n"), split);
    }

    [Fact]
    public void TrySplit_SeveralTemplates_TakesTheFirstThatMatches()
    {
        var sut = new PromptTemplates(["^Q:(?<question>.*) C:(?<context>.*)$", "^(?<context>.*)\\|(?<question>.*)$", "^(?<context>.)(?<question>.*)$"]);

        Assert.True(sut.TrySplit("doc|ask", out PromptSplit split));
        Assert.Equal("ask", split.Question);
    }

    [Theory]
    [InlineData("What is it?")]
    [InlineData("Question: before Context: after")]
    public void TrySplit_NoTemplateMatches_SaysSo(string prompt) => Assert.False(new PromptTemplates([Rag]).TrySplit(prompt, out _));

    [Theory]
    [InlineData("(?:(?<question>\\w+),)+(?<context>.*)", "a,b,c")]
    [InlineData("(?<question>a)|(?<context>b)", "a")]
    public void TrySplit_GroupCapturedTwiceOrNotAtAll_IsNoMatch(string pattern, string prompt) => Assert.False(new PromptTemplates([pattern]).TrySplit(prompt, out _));

    [Fact]
    public void TrySplit_TemplateThatTakesForEver_IsStopped()
        => Assert.Throws<RegexMatchTimeoutException>(() => new PromptTemplates(["^(?<context>(a+)+)(?<question>b)$"]).TrySplit(new string('a', 40), out _));

    [Theory]
    [InlineData("(?<question>.*", "(?<question>.*")]
    [InlineData("(?<question>.*)", "(?<context>…)")]
    [InlineData("(?<context>.*)", "(?<question>…)")]
    [InlineData(".*", "(?<question>…)")]
    public void Fault_NoTemplate_SaysWhatIsMissing(string pattern, string expected) => Assert.Contains(expected, PromptTemplates.Fault(pattern), StringComparison.Ordinal);

    [Fact]
    public void Fault_Template_IsNone() => Assert.Null(PromptTemplates.Fault(Rag));
}
