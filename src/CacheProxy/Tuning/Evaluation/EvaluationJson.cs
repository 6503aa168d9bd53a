using System.Text.Json;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>The report as one JSON object, for scripts. Names and meaning of the fields are stable.</summary>
/// <param name="At">By the cascade's own score, for each target.</param>
/// <param name="Cosine">By the encoder's cosine alone.</param>
/// <param name="Auc">Area under the ROC curve of the cascade's score; null when the labels are all alike.</param>
/// <param name="AveragePrecision">Of the cascade's score; null without a pair of label 1.</param>
public sealed record EvaluationJson(
    int Pairs,
    int Positives,
    int Served,
    int Wrong,
    IReadOnlyList<TargetPointJson> At,
    IReadOnlyList<TargetPointJson> Cosine,
    double? Auc,
    double? AveragePrecision,
    IReadOnlyList<StageJson> Stages)
{
    /// <summary>Shares of wrong among the served that thresholds are reported for.</summary>
    public static IReadOnlyList<double> TargetErrors { get; } = [0.01, 0.02, 0.05];

    public static string Write(EvaluationReport report) => JsonSerializer.Serialize(From(report), EvaluationJsonContext.Default.EvaluationJson);

    private static EvaluationJson From(EvaluationReport report) => new(
        report.Pairs,
        report.Positives,
        report.Served,
        report.Wrong,
        [.. TargetErrors.Select(target => PointOf(report.Cascade, target))],
        [.. TargetErrors.Select(target => PointOf(report.Cosine, target))],
        NumberOrNull(RankingAreas.Roc(report.Cascade)),
        NumberOrNull(RankingAreas.AveragePrecision(report.Cascade)),
        [.. report.Stages.Select(stage => StageOf(stage, report.Guards))]);

    private static TargetPointJson PointOf(ThresholdCurve curve, double target)
        => curve.MostServed(target) is { } point ? new(target, point.Threshold, point.Served, point.Wrong) : new(target, null, 0, 0);

    private static StageJson StageOf(StageTally stage, IReadOnlyList<GuardTally> guards) => new(
        StageNames.Of(stage.Stage),
        stage.Reached,
        stage.Ended,
        stage.EndedSame,
        stage.Time.TotalSeconds,
        stage.Stage == PairStage.Guards ? [.. guards.Select(guard => new GuardJson(guard.Name, guard.Ended, guard.EndedSame))] : null);

    private static double? NumberOrNull(double value) => double.IsNaN(value) ? null : value;
}
