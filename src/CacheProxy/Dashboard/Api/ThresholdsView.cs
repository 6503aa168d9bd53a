using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Dashboard.Api;

/// <summary>What was observed of semantic candidates, at each threshold.</summary>
/// <param name="Source"><c>shadow</c>: requests that went upstream anyway; <c>audits</c>: served hits that were compared.</param>
/// <param name="Policy">That serves now.</param>
/// <param name="Known">Candidates whose outcome is known.</param>
/// <param name="Curve">At most some 200 points, strictest first; both ends and the threshold in force are among them.</param>
/// <param name="Now">The threshold in force.</param>
/// <param name="Advised">Null: the evidence shows the target for none.</param>
/// <param name="FewestNeeded">Served candidates without a wrong one that it takes at least.</param>
/// <param name="CanApply">There is a settings file, and the threshold is the file's to set, not the environment's.</param>
/// <param name="Settings">Version of the settings file, for <c>apply</c>; null: there is none.</param>
/// <param name="Notice">Why there is no curve; null: there is.</param>
public sealed record ThresholdsView(
    string Source, string Policy, long Known, double TargetError, double Confidence, IReadOnlyList<ThresholdPoint> Curve, ThresholdPoint Now, AdvisedPoint? Advised,
    int FewestNeeded, IReadOnlyList<ScopeThreshold> Scopes, bool CanApply, string? Settings, string? Notice);

/// <param name="HitRate">Served among the known.</param>
/// <param name="Wrong">Served wrongly.</param>
/// <param name="Error">Wrong among the served; null: none is served.</param>
/// <param name="ErrorLow">95 % interval (Wilson).</param>
public sealed record ThresholdPoint(double Threshold, int Served, int Wrong, double? HitRate, double? Error, double? ErrorLow, double? ErrorHigh)
{
    internal static ThresholdPoint From(OperatingPoint point, int known)
    {
        WilsonInterval? interval = point.Served == 0 ? null : WilsonInterval.Of(point.Wrong, point.Served);
        return new ThresholdPoint(
            point.Threshold, point.Served, point.Wrong, FiguresView.Share(point.Served, known), FiguresView.Share(point.Wrong, point.Served), interval?.Lower, interval?.Upper);
    }
}

/// <param name="UpperBound">Share of wrong among the served that is not exceeded with the confidence that was asked for.</param>
public sealed record AdvisedPoint(ThresholdPoint Point, double UpperBound)
{
    internal static AdvisedPoint? From(CertifiedThreshold? advised, int known)
        => advised is { } found ? new AdvisedPoint(ThresholdPoint.From(found.Point, known), found.UpperBound) : null;
}

/// <summary>One model and route with evidence of its own.</summary>
public sealed record ScopeThreshold(string Model, string Route, long Known, ThresholdPoint Now, AdvisedPoint? Advised)
{
    internal static ScopeThreshold From(ThresholdAdvice advice)
        => new(advice.Model, advice.Route, advice.Known, ThresholdPoint.From(advice.Now, advice.Known), AdvisedPoint.From(advice.Advised, advice.Known));
}

/// <param name="Changes">None: the file said so already.</param>
/// <param name="Settings">The file's version after it.</param>
public sealed record ApplyReply(IReadOnlyList<SettingView> Changes, string Settings);

/// <param name="Before">As it was written; null: it was not there.</param>
public sealed record SettingView(string Path, string? Before, string After);
