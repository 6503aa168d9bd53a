using CacheProxy.Admin;

namespace CacheProxy.Dashboard.Api;

/// <summary>A page of the cache browser.</summary>
/// <param name="Tier">The store that was read.</param>
/// <param name="Hits">Requests that an entry answered in the last 30 days, by its id; entries that are not among the most asked are left out: not known.</param>
/// <param name="Next">For <c>after</c> of the next page; null: that was all.</param>
public sealed record EntryListView(string Tier, IReadOnlyList<EntryView> Entries, IReadOnlyDictionary<string, long> Hits, string? Next);
