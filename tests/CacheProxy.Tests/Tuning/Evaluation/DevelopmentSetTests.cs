using CacheProxy.Pipeline;
using CacheProxy.TestKit;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Pairs;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Evaluation;

/// <summary>A few hundred pairs of each development set through the product's cascade: what must at least be served, and how much of it may be wrong.</summary>
public sealed class DevelopmentSetTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Cascade_QuoraPairs_ServesMoreThanTheBestCosine()
    {
        EvaluationReport report = await EvaluateAsync(every: 120, "data", "gptcache-qqp", "dev", "qqp_dev.tsv");

        Assert.InRange(report.Pairs, 350, 500);
        Assert.InRange(report.Wrong, 0, Math.Max(1, report.Served / 10));
        Assert.True(Served(report.Cascade, 0.05) >= 2 * Served(report.Cosine, 0.05));
        Assert.InRange(Served(report.Cascade, 0.1), report.Pairs / 10, report.Pairs);
    }

    [Fact]
    public async Task Cascade_SnipsSlotPairs_ServesMoreThanTheBestCosine()
    {
        EvaluationReport report = await EvaluateAsync(every: 11, "data", "derived-snips-slot-pairs", "snips_slot_pairs_dev.tsv");

        Assert.InRange(report.Pairs, 250, 350);
        Assert.InRange(report.Wrong, 0, Math.Max(1, report.Served / 50));
        Assert.True(Served(report.Cascade, 0.02) >= 2 * Served(report.Cosine, 0.02));
    }

    private async Task<EvaluationReport> EvaluateAsync(int every, params string[] path)
    {
        string? full = Repository.Shared(path);
        Assert.SkipWhen(full is null, $"shared/{string.Join('/', path)} is not beside the checkout: its texts are not shipped");
        string[] lines = [.. File.ReadLines(full!).Where((_, i) => i == 0 || i % every == 4)];
        using var part = new TemporaryFile(string.Join('\n', lines));
        using IWorkbench workbench = Workbench.Open(Repository.File("config", "cacheproxy.json"));
        using CascadeSession session = workbench.OpenCascade(workbench.Semantic, isThorough: false);
        EvaluationReport report = await PairEvaluation.RunAsync(session.Cascade, LabelFile.Open(part.Path, skipBad: false), null, TestContext.Current.CancellationToken);
        output.WriteLine(
            $"{report.Pairs} pairs, {report.Served} served, {report.Wrong} wrong; at 2, 5, 10 %: {Served(report.Cascade, 0.02)}, {Served(report.Cascade, 0.05)}, "
            + $"{Served(report.Cascade, 0.1)}; cosine {Served(report.Cosine, 0.02)}, {Served(report.Cosine, 0.05)}, {Served(report.Cosine, 0.1)}");
        return report;
    }

    private static int Served(ThresholdCurve curve, double targetError) => curve.MostServed(targetError)?.Served ?? 0;
}
