namespace CacheProxy.Tuning.Evaluation;

/// <param name="Rejected">Pairs that it was the first to veto.</param>
public sealed record GuardJson(string Name, int Rejected, int RejectedPositives);
