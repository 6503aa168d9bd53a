using CacheProxy.Tuning.Advice;

namespace CacheProxy.Dashboard.Thresholds;

/// <summary>Which observations are asked about.</summary>
/// <param name="Since">Null: all that are kept.</param>
/// <param name="TargetError">Share of wrong among the served that must not be exceeded.</param>
/// <param name="Confidence">How surely.</param>
internal sealed record EvidenceQuery(EvidenceSource Source, string Model, string Route, DateTimeOffset? Since, double TargetError, double Confidence);
