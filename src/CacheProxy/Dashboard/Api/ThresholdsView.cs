namespace CacheProxy.Dashboard.Api;

/// <summary>What was observed of semantic candidates, at each threshold.</summary>
/// <param name="Source"><c>shadow</c>: requests that went upstream anyway; <c>audits</c>: served hits that were compared.</param>
/// <param name="Policy">That serves now.</param>
/// <param name="Known">Candidates whose outcome is known.</param>
/// <param name="Curve">At most 200 points, strictest first; ends and the threshold of now among them.</param>
/// <param name="Now">The threshold of now.</param>
/// <param name="Advised">Null: the evidence shows the target for none.</param>
/// <param name="FewestNeeded">Served candidates without a wrong one that it takes at least.</param>
/// <param name="CanApply">There is a settings file, and it sets the threshold, not the environment.</param>
/// <param name="Settings">Version of the settings file that <c>apply</c> must be given back; null: there is none.</param>
public sealed record ThresholdsView(
    string Source, string Policy, long Known, double TargetError, double Confidence, IReadOnlyList<ThresholdPoint> Curve, ThresholdPoint Now, AdvisedPoint? Advised,
    int FewestNeeded, IReadOnlyList<ScopeThreshold> Scopes, bool CanApply, string? Settings, string? Notice);

/// <param name="HitRate">Served among the known.</param>
/// <param name="Wrong">Served wrongly.</param>
/// <param name="Error">Wrong among the served; null: none is served.</param>
/// <param name="ErrorLow">95 % interval (Wilson).</param>
public sealed record ThresholdPoint(double Threshold, int Served, int Wrong, double? HitRate, double? Error, double? ErrorLow, double? ErrorHigh);

/// <param name="UpperBound">Share of wrong among the served that is not exceeded with the confidence that was asked for.</param>
public sealed record AdvisedPoint(ThresholdPoint Point, double UpperBound);

/// <summary>One model and route with evidence of its own.</summary>
public sealed record ScopeThreshold(string Model, string Route, long Known, ThresholdPoint Now, AdvisedPoint? Advised);

/// <param name="Settings">The file's version after it.</param>
public sealed record ApplyReply(IReadOnlyList<SettingView> Changes, string Settings);

/// <param name="Before">As it was written; null: it was not there.</param>
public sealed record SettingView(string Path, string? Before, string After);
