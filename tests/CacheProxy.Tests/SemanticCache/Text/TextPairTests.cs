using CacheProxy.SemanticCache.Text;

namespace CacheProxy.Tests.SemanticCache.Text;

public sealed class TextPairTests
{
    [Theory]
    [InlineData("What is the capital of Peru?", "capital of peru", "", "")]
    [InlineData("How do I organise photos?", "How do I organize pictures?", "", "")]
    [InlineData("What is a good breakfst?", "What is a good breakfast?", "", "")]
    [InlineData("How do I embed a you tube video?", "How do I embed a YouTube video?", "", "")]
    [InlineData("When did the USA join?", "When did the United States of America join?", "", "")]
    [InlineData("Name 3 rivers in Italy", "Name three Italian rivers", "", "")]
    [InlineData("Who wrote Emma?", "Who published Emma?", "wrote", "published")]
    [InlineData("Who was Mozart?", "Who was Bach?", "mozart", "bach")]
    [InlineData("How do I learn Python?", "How do I learn Python fast?", "", "fast")]
    public void OnlyLeftAndRight_Words_AreThoseWithoutACounterpart(string left, string right, string onlyLeft, string onlyRight)
    {
        var sut = new TextPair(new QuestionText(left), new QuestionText(right));

        Assert.Equal(onlyLeft, string.Join(' ', sut.OnlyLeft.Select(token => token.Lower)));
        Assert.Equal(onlyRight, string.Join(' ', sut.OnlyRight.Select(token => token.Lower)));
    }

    [Theory]
    [InlineData("receive", "recieve", 1, true)]
    [InlineData("colour", "color", 1, true)]
    [InlineData("hot", "pot", 1, false)]
    [InlineData("mercury", "mercenary", 2, false)]
    [InlineData("", "", 1, true)]
    [InlineData("a", "", 1, false)]
    public void EditDistance_AtMost_CountsChangesAndKeepsTheFirstLetter(string left, string right, int most, bool expected)
    {
        Assert.Equal(expected, EditDistance.AtMost(left, right, most));
        Assert.Equal(expected, EditDistance.AtMost(right, left, most));
    }

    [Theory]
    [InlineData("How many cups are in a liter?", QuestionKind.HowMuch)]
    [InlineData("In what year did it end?", QuestionKind.When)]
    [InlineData("Is coffee healthy?", QuestionKind.YesNo)]
    [InlineData("Is there a cure?", QuestionKind.Open)]
    [InlineData("Can you explain tides?", QuestionKind.Open)]
    [InlineData("On Linux, how do I list files?", QuestionKind.How)]
    [InlineData("What do dogs do when it rains?", QuestionKind.Open)]
    [InlineData("", QuestionKind.Open)]
    public void QuestionKinds_Question_IsReadFromItsOpening(string text, QuestionKind expected)
        => Assert.Equal(expected, QuestionKinds.Of(new QuestionText(text)));
}
