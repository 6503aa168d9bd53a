using CacheProxy.SemanticCache.Cascade;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>What one stage did to the pairs that reached it.</summary>
/// <param name="Stage">Which.</param>
/// <param name="Reached">Pairs that no earlier stage had ended.</param>
/// <param name="Ended">Of those, ended here.</param>
/// <param name="EndedSame">Of those, with label 1: hits that it cost.</param>
/// <param name="Time">Of all that reached it; what ran at once counts as often as it ran.</param>
public readonly record struct StageTally(PairStage Stage, int Reached, int Ended, int EndedSame, TimeSpan Time);
