using System.Globalization;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.Tuning;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Pairs;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Cli.Semantic;

/// <summary>A report as tables. Intervals are Wilson's, 95 %.</summary>
internal static class EvaluationTables
{
    private static readonly double[] Targets = [0.01, 0.02, 0.05, 0.1];
    private static readonly double[] Scores = [0.99, 0.98, 0.97, 0.96, 0.95, 0.925, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
    private static readonly double[] UsualCosines = [0.95, 0.9, 0.85, 0.8];

    public static void Write(TextWriter output, LabelFile file, CascadeSession session, EvaluationReport report)
    {
        string threshold = double.IsNaN(session.Threshold) ? "" : $", threshold {Percent.Threshold(session.Threshold)}";
        output.WriteLine($"{file.Name}: {Percent.Count(report.Pairs)} pairs, {Percent.Of(report.Positives, report.Pairs)} with label 1; policy {session.Policy}{threshold}");
        output.WriteLine();
        WriteServed(output, report);
        output.WriteLine();
        WriteThresholds(output, "SCORE FROM", report.Cascade, Scores.Append(session.Threshold).Where(score => !double.IsNaN(score)).Distinct().OrderDescending());
        output.WriteLine();
        WriteThresholds(output, "COSINE FROM", report.Cosine, UsualCosines);
        output.WriteLine();
        WriteTargets(output, report);
        output.WriteLine();
        WriteAreas(output, report);
        output.WriteLine();
        WriteStages(output, report);
    }

    private static void WriteServed(TextWriter output, EvaluationReport report) => Table.Write(
        output,
        ["POLICY SERVES", "SHARE", "OF LABEL 1", "WRONG", "OF THE SERVED (95 %)", "OF ALL (95 %)"],
        [[
            Percent.Count(report.Served), Percent.Of(report.Served, report.Pairs), Percent.Of(report.Served - report.Wrong, report.Positives), Percent.Count(report.Wrong),
            Percent.WithInterval(report.Wrong, report.Served), Percent.WithInterval(report.Wrong, report.Pairs),
        ]]);

    private static void WriteThresholds(TextWriter output, string score, ThresholdCurve curve, IEnumerable<double> thresholds) => Table.Write(
        output,
        [score, "SERVED", "SHARE", "OF LABEL 1", "WRONG", "OF THE SERVED (95 %)", "OF ALL (95 %)"],
        thresholds.Select(curve.At).Select(point => new[]
        {
            Percent.Threshold(point.Threshold), Percent.Count(point.Served), Percent.Of(point.Served, curve.Count), Percent.Of(point.Served - point.Wrong, curve.Positives),
            Percent.Count(point.Wrong), Percent.WithInterval(point.Wrong, point.Served), Percent.WithInterval(point.Wrong, curve.Count),
        }));

    // Both thresholds are the best in hindsight, chosen on these very pairs.
    private static void WriteTargets(TextWriter output, EvaluationReport report) => Table.Write(
        output,
        ["WRONG AT MOST", "CASCADE FROM", "SERVED", "SHARE", "WRONG (95 %)", "COSINE FROM", "SERVED", "SHARE", "WRONG (95 %)", "TIMES"],
        Targets.Select(target =>
        {
            OperatingPoint? cascade = report.Cascade.MostServed(target), cosine = report.Cosine.MostServed(target);
            return (string[])[Percent.Of(target), .. Cells(cascade, report.Pairs), .. Cells(cosine, report.Pairs), Times(cascade, cosine)];
        }));

    private static string[] Cells(OperatingPoint? point, int pairs) => point is { } known
        ? [Percent.Threshold(known.Threshold), Percent.Count(known.Served), Percent.Of(known.Served, pairs), Percent.WithInterval(known.Wrong, known.Served)]
        : ["-", "0", Percent.Of(0, pairs), "-"];

    private static string Times(OperatingPoint? cascade, OperatingPoint? cosine) => (cascade, cosine) switch
    {
        ({ } left, { } right) => ((double)left.Served / right.Served).ToString("F1", CultureInfo.InvariantCulture),
        _ => "-",
    };

    private static void WriteAreas(TextWriter output, EvaluationReport report) => Table.Write(
        output,
        ["AREA UNDER", "CASCADE", "COSINE"],
        [
            ["ROC", Percent.Threshold(RankingAreas.Roc(report.Cascade)), Percent.Threshold(RankingAreas.Roc(report.Cosine))],
            ["precision-recall", Percent.Threshold(RankingAreas.AveragePrecision(report.Cascade)), Percent.Threshold(RankingAreas.AveragePrecision(report.Cosine))],
        ]);

    private static void WriteStages(TextWriter output, EvaluationReport report) => Table.Write(
        output,
        ["STAGE", "REACHED", "ENDED", "OF REACHED", "WITH LABEL 1", "MS EACH", "SECONDS"],
        report.Stages.SelectMany(stage => (IEnumerable<string[]>)
            [
                [
                    StageNames.Of(stage.Stage), Percent.Count(stage.Reached), Percent.Count(stage.Ended), Percent.Of(stage.Ended, stage.Reached), Percent.Count(stage.EndedSame),
                    stage.Reached == 0 ? "-" : (stage.Time.TotalMilliseconds / stage.Reached).ToString("F3", CultureInfo.InvariantCulture),
                    stage.Time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture),
                ],
                .. stage.Stage == PairStage.Guards
                    ? report.Guards.Select(guard => new[] { "  " + guard.Name, "", Percent.Count(guard.Ended), Percent.Of(guard.Ended, stage.Reached), Percent.Count(guard.EndedSame), "", "" })
                    : [],
            ]));
}
