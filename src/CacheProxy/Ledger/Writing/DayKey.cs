using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Writing;

/// <param name="Day">Its first minute since 1970.</param>
/// <param name="Name">A user's, entry's or prefix' id; empty: all that are not kept by themselves.</param>
internal readonly record struct DayKey(KeyKind Kind, long Day, string Name, CellKey Cell);
