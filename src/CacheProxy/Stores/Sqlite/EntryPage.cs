using CacheProxy.Exchange;

namespace CacheProxy.Stores.Sqlite;

/// <summary>Some entries in the order of their rows.</summary>
/// <param name="Last">The row to go on behind; null: there are no more.</param>
internal sealed record EntryPage(IReadOnlyList<CacheEntry> Entries, long? Last);
