using CacheProxy.Exchange;

namespace CacheProxy.Stores.Sqlite;

/// <summary>An entry's row, found by a selector and still to be removed.</summary>
internal readonly record struct SelectedRow(long Id, string EntryId, Fingerprint256 Fingerprint);
