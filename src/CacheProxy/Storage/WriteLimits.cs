namespace CacheProxy.Storage;

/// <summary>How much waits for a file's writer, and how it is put together.</summary>
/// <param name="Queued">Beyond it what nobody waits for is left out.</param>
/// <param name="Batched">Most of it in one transaction: what comes behind waits for so much.</param>
/// <param name="Collect">How long a batch waits for company; a killed process loses what came within it.</param>
public readonly record struct WriteLimits(int Queued, int Batched, TimeSpan Collect = default);
