namespace CacheProxy.Tuning.Pairs;

/// <param name="IsSame">One answer serves both.</param>
/// <param name="Cached">The question that was answered.</param>
/// <param name="Asked">The question that waits.</param>
public readonly record struct LabelledPair(bool IsSame, string Cached, string Asked);
