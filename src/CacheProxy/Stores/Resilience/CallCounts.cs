namespace CacheProxy.Stores.Resilience;

/// <summary>Calls of one dependency since the start, by how they ended.</summary>
public readonly record struct CallCounts(long Succeeded, long Failed, long TimedOut, long Rejected);
