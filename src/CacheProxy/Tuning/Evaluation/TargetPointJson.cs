namespace CacheProxy.Tuning.Evaluation;

/// <param name="Threshold">Null: no threshold holds the target.</param>
public sealed record TargetPointJson(double TargetError, double? Threshold, int Served, int Wrong);
