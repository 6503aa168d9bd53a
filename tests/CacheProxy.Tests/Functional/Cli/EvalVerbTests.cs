using System.Text.Json;

namespace CacheProxy.Tests.Functional.Cli;

public sealed class EvalVerbTests
{
    [Fact]
    public async Task Eval_Json_HasTheFieldsAndTheyAddUp()
    {
        using var sut = new ToolRun();

        (int code, string output, _) = await sut.RunAsync("eval", "--pairs", ToolRun.HandmadePairs, "--json");

        Assert.Equal(0, code);
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement report = document.RootElement;
        Assert.Equal(
            ["at", "auc", "averagePrecision", "cosine", "pairs", "positives", "served", "stages", "wrong"], report.EnumerateObject().Select(field => field.Name).Order());
        (int pairs, int served) = (report.GetProperty("pairs").GetInt32(), report.GetProperty("served").GetInt32());
        Assert.Equal((80, 40), (pairs, report.GetProperty("positives").GetInt32()));
        Assert.InRange(report.GetProperty("wrong").GetInt32(), 0, 1);
        Assert.InRange(report.GetProperty("auc").GetDouble(), 0.6, 1);
        Assert.InRange(report.GetProperty("averagePrecision").GetDouble(), 0.6, 1);
        JsonElement[] stages = [.. report.GetProperty("stages").EnumerateArray()];
        Assert.Equal(["eligibility", "static", "encoder", "guards", "verifier", "policy"], stages.Select(stage => stage.GetProperty("name").GetString()));
        Assert.Equal(pairs - served, stages.Sum(stage => stage.GetProperty("rejected").GetInt32()));
        JsonElement guards = Assert.Single(stages, stage => stage.TryGetProperty("guards", out _));
        Assert.Equal(guards.GetProperty("rejected").GetInt32(), guards.GetProperty("guards").EnumerateArray().Sum(guard => guard.GetProperty("rejected").GetInt32()));
        foreach (string list in new[] { "at", "cosine" })
        {
            Assert.Equal([0.01, 0.02, 0.05], report.GetProperty(list).EnumerateArray().Select(point => point.GetProperty("targetError").GetDouble()));
            Assert.All(report.GetProperty(list).EnumerateArray(), AssertHoldsItsTarget);
        }

        Assert.True(report.GetProperty("at")[2].GetProperty("served").GetInt32() > report.GetProperty("cosine")[2].GetProperty("served").GetInt32());
    }

    [Fact]
    public async Task Eval_Tables_ShowThresholdsStagesAndTheCosineBeside()
    {
        using var sut = new ToolRun();
        string curve = Path.Combine(sut.Folder, "curve.tsv");

        (int code, string output, string errors) = await sut.RunAsync("eval", "--pairs", ToolRun.HandmadePairs, "--curve", curve);

        Assert.Equal((0, ""), (code, errors));
        Assert.All(
            new[] { "80 pairs, 50.0 % with label 1; policy static", "POLICY SERVES", "SCORE FROM", "COSINE FROM", "WRONG AT MOST", "AREA UNDER", "STAGE", "  numbers" },
            part => Assert.Contains(part, output));
        string[] points = await File.ReadAllLinesAsync(curve, TestContext.Current.CancellationToken);
        Assert.Equal("score\tthreshold\tserved\twrong", points[0]);
        Assert.EndsWith("\t80\t40", points[^1]);
    }

    [Fact]
    public async Task Eval_Policies_ChangeWhatIsServed()
    {
        using var sut = new ToolRun();
        string pairs = sut.Write("pairs.tsv", "label\ta\tb\n1\tWhat is the capital of France?\tWhat's the capital of France?\n");

        Assert.Equal(1, await ServedAsync(sut, pairs));
        Assert.Equal(0, await ServedAsync(sut, pairs, "--policy", "off"));
        Assert.Equal(0, await ServedAsync(sut, pairs, "--threshold", "1"));
        (int code, _, string errors) = await sut.RunAsync("eval", "--pairs", pairs, "--policy", "lenient");
        Assert.Equal(1, code);
        Assert.Contains("'lenient'", errors);
        Assert.Equal(1, (await sut.RunAsync("eval", "--pairs", pairs, "--threshold", "1.5")).Code);
    }

    [Fact]
    public async Task Eval_BadRows_AreNamedOrCounted()
    {
        using var sut = new ToolRun();
        string pairs = sut.Write("pairs.tsv", "1\tWhat is the capital of France?\tWhat's the capital of France?\nmaybe\tx\ty\n0\tx\n");

        (int code, string output, string errors) = await sut.RunAsync("eval", "--pairs", pairs);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"{pairs}:2: the label is 'maybe'", errors);
        Assert.Contains($"{pairs}:3: 2 columns", errors);

        (code, output, errors) = await sut.RunAsync("eval", "--pairs", pairs, "--skip-bad", "--json");
        Assert.Equal(0, code);
        Assert.Contains("2 bad rows", errors);
        Assert.Contains("\"pairs\": 1,", output);
    }

    [Fact]
    public async Task Eval_OddTexts_AreMisses()
    {
        using var sut = new ToolRun();
        string[] texts = ["", "a", "🙂🙂🙂", "\u200B\u200D", "\u202Eecnarf fo latipac", "mixed текст and text", "مرحبا", new string('z', 100_000)];
        string pairs = sut.Write("pairs.tsv", string.Concat(texts.Select((text, i) => $"0\t{text}\t{texts[(i + 1) % texts.Length]}\n")));

        Assert.Equal(0, await ServedAsync(sut, pairs));
    }

    [Theory]
    [InlineData(2, "eval")]
    [InlineData(2, "eval", "--pairs", "/no/such/file.tsv")]
    [InlineData(2, "explain", "only one")]
    [InlineData(2, "tune")]
    [InlineData(2, "tune", "--from", "pairs")]
    [InlineData(2, "tune", "--from", "guesses")]
    [InlineData(2, "tune", "--from", "shadow", "--target-error", "7")]
    [InlineData(2, "tune", "--from", "shadow", "--target-error", "little")]
    [InlineData(2, "tune", "--from", "shadow", "--confidence", "1")]
    public async Task Call_Wrong_EndsSo(int expected, params string[] args)
    {
        using var sut = new ToolRun();

        (int code, _, string errors) = await sut.RunAsync(args);

        Assert.Equal(expected, code);
        Assert.NotEmpty(errors);
    }

    [Theory]
    [InlineData("eval", "--skip-bad")]
    [InlineData("tune", "--apply")]
    [InlineData("explain", "--threshold")]
    public async Task Help_OfEveryVerb_IsThere(string verb, string option)
    {
        using var sut = new ToolRun();

        (int code, string output, _) = await sut.RunAsync(verb, "--help");

        Assert.Equal(0, code);
        Assert.Contains(option, output);
    }

    [Fact]
    public async Task Eval_FaultySettings_SaysWhatIsWrong()
    {
        using var sut = new ToolRun("""{ "Semantic": { "Treshold": 1 } }""");

        (int code, _, string errors) = await sut.RunAsync("eval", "--pairs", ToolRun.HandmadePairs);

        Assert.Equal(1, code);
        Assert.Contains("Semantic:Treshold is not a setting", errors);
    }

    [Fact]
    public async Task Explain_TwoQuestions_ShowsEveryStage()
    {
        using var sut = new ToolRun();

        (int code, string output, _) = await sut.RunAsync("explain", "How do I convert euros to dollars?", "How do I convert dollars to euros?");

        Assert.Equal(0, code);
        Assert.All(new[] { "eligibility", "static ", "encoder ", "guards ", "verifier ", "policy " }, stage => Assert.Contains($"\n{stage}", output));
        Assert.Matches("vetoed by .*direction", output);
        Assert.Contains("A miss; ended by: guards.", output);
        Assert.Contains("is served", (await sut.RunAsync("explain", "What is the capital of France?", "What's the capital of France?")).Output);
    }

    private static async Task<int> ServedAsync(ToolRun sut, string pairs, params string[] options)
    {
        (int code, string output, _) = await sut.RunAsync(["eval", "--pairs", pairs, "--json", .. options]);
        Assert.Equal(0, code);
        using JsonDocument document = JsonDocument.Parse(output);
        return document.RootElement.GetProperty("served").GetInt32();
    }

    private static void AssertHoldsItsTarget(JsonElement point)
    {
        (int served, int wrong) = (point.GetProperty("served").GetInt32(), point.GetProperty("wrong").GetInt32());
        Assert.True(wrong <= point.GetProperty("targetError").GetDouble() * served);
        Assert.Equal(served == 0, point.GetProperty("threshold").ValueKind == JsonValueKind.Null);
    }
}
