using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>A stored question whose vector is another model's.</summary>
/// <param name="Id">Of its row.</param>
/// <param name="Source">The request's own partition.</param>
/// <param name="Text">Empty: the row cannot be read.</param>
/// <param name="Models">Whose vector it is.</param>
/// <param name="Vector">Null where it has not as many components as are wanted now.</param>
public sealed record StaleQuestion(
    long Id, Fingerprint256 Source, Fingerprint256 Fingerprint, string Text, DateTimeOffset UsableUntil, string Models, float[]? Vector);
