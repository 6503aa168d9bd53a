namespace CacheProxy.Ledger.Findings;

/// <summary>What was found in a range of days, each list with the weightiest first.</summary>
public sealed record FindingsReport(
    IReadOnlyList<VolatilePrefix> VolatilePrefixes, IReadOnlyList<NearMissPair> NearMisses, IReadOnlyList<ExpiredAnswers> Expired, IReadOnlyList<MissReason> Misses)
{
    public static FindingsReport Empty { get; } = new([], [], [], []);
}
