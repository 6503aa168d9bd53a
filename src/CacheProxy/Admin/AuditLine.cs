using CacheProxy.Invalidation;

namespace CacheProxy.Admin;

/// <param name="Who">The admin key's fingerprint, <c>loopback</c>, or <c>webhook</c>.</param>
/// <param name="Subject">The selector as JSON, or the namespace, or what was read in.</param>
/// <param name="Count">Entries of the tier with the most, the new epoch, or lines.</param>
public sealed record AuditLine(
    DateTimeOffset Time, string Action, string Who, string Subject, long Count, bool DryRun, IReadOnlyList<TierCount>? Tiers);
