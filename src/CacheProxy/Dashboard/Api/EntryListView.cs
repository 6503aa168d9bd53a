using CacheProxy.Admin;

namespace CacheProxy.Dashboard.Api;

/// <summary>A page of the cache browser.</summary>
/// <param name="Tier">The store that was read.</param>
/// <param name="Entries">Their tenant is the name, or the key's id where it has none.</param>
/// <param name="Hits">Requests that an entry answered in the last 30 days, by its id; entries that are not among the most asked are left out: not known.</param>
/// <param name="Questions">By id, as the semantic index has them, the first 200 characters; none for a role below the admin's.</param>
/// <param name="Next">For <c>after</c> of the next page; null: that was all.</param>
public sealed record EntryListView(
    string Tier, IReadOnlyList<EntryView> Entries, IReadOnlyDictionary<string, long> Hits, IReadOnlyDictionary<string, string> Questions, string? Next)
{
    public const int LongestQuestion = 200;
}
