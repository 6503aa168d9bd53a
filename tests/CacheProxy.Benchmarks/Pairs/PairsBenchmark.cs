using System.Diagnostics;
using System.Globalization;
using CacheProxy.Pipeline;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.TestKit;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Pairs;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Benchmarks.Pairs;

/// <summary>
/// What the cascade serves of labelled pairs, beside the best static cosine threshold. Quora pairs: each threshold is picked on one half and measured
/// on the other, and no question is in both. Ends with the rows for the README.
/// </summary>
internal sealed class PairsBenchmark : IBenchmark
{
    private const int Seed = 1;
    private static readonly double[] Targets = [0.05, 0.1];

    public string Name => "pairs";

    public string Summary => "labelled pairs: served and wrong beside the best static cosine; --pairs FILE instead of the development sets, --limit N for a quick look";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using IWorkbench workbench = Workbench.Open(null);
        using CascadeSession session = workbench.OpenCascade(workbench.Semantic, isThorough: false);
        int limit = Arguments.Number(arguments, "--limit", int.MaxValue);
        var rows = new List<string>();
        if (Arguments.Text(arguments, "--pairs") is { } own)
        {
            Halves(Path.GetFileName(own), await JudgeAsync(session, own, limit, cancellationToken), rows);
        }
        else
        {
            Served("hand-made pairs", await JudgeAsync(session, Repository.File("tests", "CacheProxy.Tests", "SemanticCache", "Fixtures", "handmade_pairs.tsv"), limit, cancellationToken), rows);
            Served("SNIPS slot pairs", await JudgeAsync(session, Data("derived-snips-slot-pairs", "snips_slot_pairs_dev.tsv"), limit, cancellationToken), rows);
            Halves("Quora question pairs", await JudgeAsync(session, Data("gptcache-qqp", "dev", "qqp_dev.tsv"), limit, cancellationToken), rows);
        }

        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"README, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}:"));
        rows.ForEach(Console.WriteLine);
    }

    private static string Data(params string[] parts)
        => Repository.Shared(["data", .. parts]) ?? throw new FileNotFoundException($"The development set {parts[^1]} is not beside the checkout.");

    private static async Task<List<JudgedPair>> JudgeAsync(CascadeSession session, string path, int limit, CancellationToken cancellationToken)
    {
        LabelFile file = LabelFile.Open(path, skipBad: false);
        var judged = new List<JudgedPair>();
        long started = Stopwatch.GetTimestamp();
        await foreach ((LabelledPair pair, PairVerdict verdict) in PairEvaluation.JudgeAsync(session.Cascade, file, cancellationToken))
        {
            judged.Add(new JudgedPair(pair, verdict));
            if (judged.Count == limit)
            {
                break;
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Name}: {judged.Count:N0} pairs, {judged.Count(pair => pair.Pair.IsSame):N0} with label 1, judged in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
        return judged;
    }

    /// <summary>The default policy over a whole set, and the best threshold for 2 % wrong.</summary>
    private static void Served(string name, List<JudgedPair> judged, List<string> rows)
    {
        int served = judged.Count(pair => pair.Verdict.Serves), wrong = judged.Count(pair => pair is { Verdict.Serves: true, Pair.IsSame: false });
        int positives = judged.Count(pair => pair.Pair.IsSame);
        Console.WriteLine($"  default policy: {Share(served, judged.Count)} served, {served - wrong} of {positives} with label 1, {wrong} of {judged.Count - positives} with label 0");
        Console.WriteLine($"  best threshold for 2 % wrong: {Describe(Curve(judged, Cascade).MostServed(0.02), judged.Count)}");
        Console.WriteLine($"  best cosine for 2 % wrong:    {Describe(Curve(judged, Cosine).MostServed(0.02), judged.Count)}");
        rows.Add($"| {name} ({judged.Count:N0}, {Share(positives, judged.Count)} same), default policy | {Share(served, judged.Count)} served, {Share(wrong, served)} of them wrong |");
    }

    private static void Halves(string name, List<JudgedPair> judged, List<string> rows)
    {
        var groups = new QuestionGroups();
        judged.ForEach(pair => groups.Join(pair.Pair.Cached, pair.Pair.Asked));
        List<JudgedPair>[] halves = [[], []];
        judged.ForEach(pair => halves[groups.HalfOf(pair.Pair.Cached, Seed)].Add(pair));
        Validate(halves);
        foreach (double target in Targets)
        {
            for (int fitted = 0; fitted < 2; fitted++)
            {
                Measure(name, groups, halves[fitted], halves[1 - fitted], target, rows);
            }
        }
    }

    private static void Measure(string name, QuestionGroups groups, List<JudgedPair> fitted, List<JudgedPair> measured, double target, List<string> rows)
    {
        double threshold = Curve(fitted, Cascade).MostServed(target)?.Threshold ?? double.PositiveInfinity;
        OperatingPoint cascade = Curve(measured, Cascade).At(threshold);

        // The best static cosine is given its threshold in hindsight, on the measured half itself.
        OperatingPoint cosine = Curve(measured, Cosine).MostServed(target) ?? default;
        double ratio = (double)cascade.Served / Math.Max(1, cosine.Served);
        IReadOnlyList<JudgedPair>[] parts = [.. measured.GroupBy(pair => groups.Of(pair.Pair.Cached)).Select(IReadOnlyList<JudgedPair> (group) => [.. group])];
        (double lower, double upper) = Bootstrap.Interval(parts, sample => Ratio(sample, threshold, target), new Random(Seed), draws: 100);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  at most {target:P0} wrong, measured on {measured.Count:N0}: cascade {Describe(cascade, measured.Count)}; best cosine {Describe(cosine, measured.Count)}; {ratio:F1} times ({lower:F1}-{upper:F1})"));
        rows.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name}, {measured.Count:N0} unseen, threshold for {target:P0} wrong | {Share(cascade.Served, measured.Count)} served, {Share(cascade.Wrong, cascade.Served)} of them wrong; {ratio:F1} times the best static cosine ({Share(cosine.Served, measured.Count)}) |"));
    }

    private static double Ratio(IReadOnlyList<JudgedPair> sample, double threshold, double target)
        => Curve(sample, Cosine).MostServed(target) is { Served: > 0 } cosine ? (double)Curve(sample, Cascade).At(threshold).Served / cosine.Served : double.NaN;

    private static void Validate(List<JudgedPair>[] halves)
    {
        HashSet<string> left = Questions(halves[0]), right = Questions(halves[1]);
        if (left.Overlaps(right) || halves.Any(half => half.Count == 0))
        {
            throw new InvalidOperationException("The halves share a question, or one is empty.");
        }
    }

    private static HashSet<string> Questions(List<JudgedPair> half)
        => half.SelectMany(pair => new[] { pair.Pair.Cached.Trim(), pair.Pair.Asked.Trim() }).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static ThresholdCurve Curve(IReadOnlyList<JudgedPair> pairs, Func<PairVerdict, double> score)
        => new(pairs.Select(pair => new ScoredLabel(score(pair.Verdict), pair.Pair.IsSame)));

    private static double Cascade(PairVerdict verdict) => verdict.Stage >= PairStage.Policy ? verdict.Score : double.NaN;

    private static double Cosine(PairVerdict verdict) => verdict.Cosine;

    private static string Describe(OperatingPoint? point, int pairs) => point is { } known
        ? string.Create(CultureInfo.InvariantCulture, $"from {known.Threshold:F4} {Share(known.Served, pairs)} served, {Share(known.Wrong, known.Served)} wrong")
        : "nothing served";

    private static string Share(int part, int whole) => whole == 0 ? "-" : ((double)part / whole * 100).ToString("F2", CultureInfo.InvariantCulture) + " %";
}
