using System.Text.Json;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Tests.Support;

namespace CacheProxy.Onnx.Tests.Encoders;

public sealed class SameAnswerVerifierTests
{
    private static readonly SameAnswerVerifier s_sut = BundledModels.Verifier;

    [Fact]
    public void Verify_ShippedGoldenPairs_GivesTheReferenceLogits() => AssertGolden(GoldenLines.Shipped("verifier.jsonl"), atLeast: 139);

    [Fact]
    public void Verify_AllGoldenPairs_GivesTheReferenceLogits() =>
        AssertGolden(GoldenLines.Shared("models", "same-answer-minilm", "golden.jsonl"), atLeast: 199);

    [Fact]
    public void Verify_Batch_EqualsEachAlone()
    {
        SameAnswerPair[] pairs = [.. GoldenLines.Shipped("verifier.jsonl").Select(Pair)];
        var batch = new SameAnswer[pairs.Length];
        s_sut.Verify(pairs, batch);
        for (int i = 0; i < pairs.Length; i++)
        {
            SameAnswer alone = s_sut.Verify(pairs[i].Cached, pairs[i].Asked);
            Assert.Equal(alone.Logit, batch[i].Logit, 1e-4f);
            Assert.Equal(alone.Truncated, batch[i].Truncated);
        }
    }

    [Fact]
    public void Verify_PairThatFitsExactly_IsNotTruncated()
    {
        string thirty = string.Join(' ', Enumerable.Repeat("word", 30));
        Assert.False(s_sut.Verify(thirty, thirty + " word").Truncated);
        Assert.True(s_sut.Verify(thirty + " word", thirty + " word").Truncated);
        Assert.True(s_sut.Verify("word", string.Join(' ', Enumerable.Repeat("word", 5000))).Truncated);
    }

    [Fact]
    public void Verify_SpecialTokenInAPrompt_IsPlainText() =>
        Assert.NotEqual(s_sut.Verify("a [SEP]", "b").Logit, s_sut.Verify("a", "b").Logit);

    [Theory]
    [InlineData("", "")]
    [InlineData("\u200B", "\uFEFF")]
    public void Verify_EmptyPrompts_GivesANumber(string cached, string asked)
    {
        SameAnswer result = s_sut.Verify(cached, asked);
        Assert.True(float.IsFinite(result.Logit));
        Assert.InRange(result.Probability, 0, 1);
    }

    [Fact]
    public void Verify_NoPairs_DoesNothing() => s_sut.Verify([], []);

    [Fact]
    public void Verify_ResultsOfAnotherLength_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => s_sut.Verify([new SameAnswerPair("a", "b")], []));

    [Fact]
    public void Verify_Warm_AllocatesNothing()
    {
        SameAnswerPair[] pairs = [new("a", "b"), new("What is the speed of light?", "How fast is light?")];
        var results = new SameAnswer[2];
        s_sut.Verify(pairs, results);
        long before = GC.GetAllocatedBytesForCurrentThread();
        s_sut.Verify(pairs, results);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128);
    }

    [Fact]
    public void Config_HasTheThresholdsOfTheModel()
    {
        Assert.Equal(3.5649, s_sut.Config.LogitThresholds[0.02]);
        Assert.Equal(5.5262, s_sut.Config.CombinedThresholds[0.02]);
        Assert.Equal(64, s_sut.Config.MaxTokens);
        Assert.Equal(0.9369, s_sut.Config.ProbabilityOf(3.5649f), 3);
        Assert.Equal(64, s_sut.Fingerprint.Length);
    }

    [Fact]
    public void CheckAgainst_OtherLogits_RefusesTheModel()
    {
        var pair = new SameAnswerPair("What is the speed of light?", "How fast does light travel?");
        float logit = s_sut.Verify(pair.Cached, pair.Asked).Logit;
        s_sut.CheckAgainst([(pair, logit)]);
        Assert.Contains("not to be trusted", Assert.Throws<InvalidDataException>(() => s_sut.CheckAgainst([(pair, logit + 0.2f)])).Message);
        Assert.Throws<InvalidDataException>(() => s_sut.CheckAgainst([(pair, float.NaN)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("x")]
    public void ReadSelfCheck_BrokenFile_NamesIt(string content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("selfcheck.jsonl", content);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => VerifierSelfCheck.Read(path)).Message);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"truncation":"only_first","platt":{}}""")]
    public void LoadConfig_BrokenFile_NamesIt(string content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("config.json", content);
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => VerifierConfig.Load(path)).Message);
    }

    private static SameAnswerPair Pair(JsonElement row) => new(row.Text("a"), row.Text("b"));

    private static void AssertGolden(IEnumerable<JsonElement> rows, int atLeast)
    {
        var differences = new List<double>();
        foreach (JsonElement row in rows)
        {
            // The reference parses [SEP] and [CLS] written in a prompt; here they are plain text on purpose.
            if (row.Text("a") != "[SEP]")
            {
                SameAnswer result = s_sut.Verify(row.Text("a"), row.Text("b"));
                differences.Add(Math.Abs(result.Logit - row.GetProperty("logit_int8").GetDouble()));
                Assert.False(row.Ints("input_ids").Length < 64 && result.Truncated, row.ToString());
            }
        }

        Assert.True(differences.Count >= atLeast, $"only {differences.Count} rows");
        Assert.True(differences.Average() < 0.1, $"mean difference {differences.Average()}");
        TestContext.Current.TestOutputHelper?.WriteLine($"mean {differences.Average():G3}, max {differences.Max():G3}");
    }
}
