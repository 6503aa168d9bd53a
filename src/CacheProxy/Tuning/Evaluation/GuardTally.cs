namespace CacheProxy.Tuning.Evaluation;

/// <param name="Name">The guard that was the first to veto.</param>
/// <param name="Ended">Pairs.</param>
/// <param name="EndedSame">Of those, with label 1.</param>
public readonly record struct GuardTally(string Name, int Ended, int EndedSame);
