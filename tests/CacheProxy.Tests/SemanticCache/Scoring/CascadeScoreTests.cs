using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.SemanticCache.Scoring;

public sealed class CascadeScoreTests
{
    private static readonly string ModelPath = Repository.File("config", "models", "same-answer-minilm", "cascade.json");

    [Theory]
    [InlineData(float.NaN, 5f)]
    [InlineData(0.59f, 5f)]
    [InlineData(0.9f, float.NaN)]
    [InlineData(0.9f, float.PositiveInfinity)]
    [InlineData(0.9f, float.NegativeInfinity)]
    public void Probability_NoNumberOrTooFar_IsZero(float cosine, float logit)
        => Assert.Equal(0, LookupHarness.DefaultScore.Weigh(cosine, logit, default).Probability);

    [Fact]
    public void Probability_MoreLogitOrCosine_IsNeverLess()
    {
        CascadeScore sut = LookupHarness.DefaultScore;
        for (float logit = -10; logit < 8; logit += 0.5f)
        {
            double low = sut.Weigh(0.7f, logit, default).Probability;
            Assert.InRange(low, 0, 1);
            Assert.True(sut.Weigh(0.9f, logit, default).Probability > low);
            Assert.True(sut.Weigh(0.7f, logit + 0.5f, default).Probability > low);
        }
    }

    [Fact]
    public void BundledModel_Weights_NeverRewardADifferenceInWording()
    {
        CascadeModel model = Bundled();

        Assert.All(
            new[] { model.Restricts, model.Replaced, model.NameAdded, model.NumberAdded, model.NegationAdded, model.OtherKind },
            weight => Assert.InRange(weight, -0.5, 0));
        Assert.True(model.Restricts < 0);
        Assert.InRange(model.DefaultThreshold, 0.5, 1);
    }

    [Fact]
    public void Weigh_QuestionWithAWordMore_IsLessLikely()
    {
        var sut = new CascadeScore(Bundled());
        var question = new QuestionText("How do I learn Python?");

        double same = sut.Weigh(0.9f, 3, PairFeatures.Read(new TextPair(question, new QuestionText("how to learn python")))).Probability;
        double special = sut.Weigh(0.9f, 3, PairFeatures.Read(new TextPair(question, new QuestionText("How do I learn Python fast?")))).Probability;

        Assert.True(special < same);
    }

    [Fact]
    public void Load_OtherVerifier_SaysToFitAgain()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CascadeModel.Load(ModelPath, "another"));

        Assert.Contains("fit it again", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"verifier\":\"x\",\"weights\":[]}")]
    public void Load_OtherFile_NamesIt(string content)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => CascadeModel.Load(path, "x")).Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static CascadeModel Bundled()
    {
        using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(ModelPath));
        return CascadeModel.Load(ModelPath, document.RootElement.GetProperty("verifier").GetString()!);
    }
}
