namespace CacheProxy.Tuning.Advice;

/// <param name="FromSeconds">Age, included.</param>
/// <param name="ToSeconds">Age, excluded.</param>
public readonly record struct AgeBucket(long FromSeconds, long ToSeconds, int Hits, int Wrong);
