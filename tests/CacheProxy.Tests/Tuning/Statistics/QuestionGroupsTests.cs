using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

public sealed class QuestionGroupsTests
{
    [Fact]
    public void Join_Chains_AreOneGroupWhateverTheOrder()
    {
        var sut = new QuestionGroups();
        sut.Join("a", "b");
        sut.Join("x", "y");
        sut.Join("C ", "d");
        sut.Join("B", "c");

        Assert.Equal(sut.Of("a"), sut.Of("D"));
        Assert.NotEqual(sut.Of("a"), sut.Of("x"));
    }

    [Fact]
    public void Halves_OfRandomPairs_ShareNoQuestionAndAreAboutEqual()
    {
        var random = new Random(2);
        (string Left, string Right)[] pairs = [.. Enumerable.Range(0, 4000).Select(_ => ($"q{random.Next(6000)}", $"q{random.Next(6000)}"))];
        pairs = [.. pairs.Where((_, i) => i % 4 == 0)];
        var sut = new QuestionGroups();
        foreach ((string left, string right) in pairs)
        {
            sut.Join(left, right);
        }

        Assert.All(pairs, pair => Assert.Equal(sut.HalfOf(pair.Left, 1), sut.HalfOf(pair.Right, 1)));
        Assert.InRange(pairs.Count(pair => sut.HalfOf(pair.Left, 1) == 0), 400, 600);
        Assert.Contains(pairs, pair => sut.HalfOf(pair.Left, 1) != sut.HalfOf(pair.Left, 2));
    }
}
