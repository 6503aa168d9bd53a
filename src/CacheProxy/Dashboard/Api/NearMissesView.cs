namespace CacheProxy.Dashboard.Api;

/// <summary>Misses whose nearest stored question was not near enough, the nearest first.</summary>
/// <param name="Searched">Misses of the range that were read for it, the newest first; more than these were not.</param>
/// <param name="SearchedFrom">The time of the oldest of them; null: there was none.</param>
public sealed record NearMissesView(RangeView Range, IReadOnlyList<NearMissView> Misses, long Searched, DateTimeOffset? SearchedFrom, string? Notice);

/// <param name="Similarity">Cosine of the nearest that was not served.</param>
/// <param name="EntryId">The entry that the miss became; null: none.</param>
/// <param name="NearEntryId">The entry that was near.</param>
/// <param name="Question">Of <paramref name="EntryId"/>; null: not known, or the role may not see it.</param>
/// <param name="NearQuestion">Of <paramref name="NearEntryId"/>.</param>
/// <param name="Lacked">Why it was not served: a reason, with the guard's name where one ruled it out; null: not known any more.</param>
/// <param name="Score">Its probability, where it came as far; null: it did not, or it is not known any more.</param>
/// <param name="Threshold">That it took.</param>
public sealed record NearMissView(
    DateTimeOffset Time, string Tenant, string Model, double Similarity, string? EntryId, string? NearEntryId, string? Question, string? NearQuestion, string? Lacked,
    double? Score, double? Threshold, long? PaidNanodollars)
{
    public decimal? PaidUsd => PaidNanodollars is { } nanodollars ? FiguresView.Usd(nanodollars) : null;
}
