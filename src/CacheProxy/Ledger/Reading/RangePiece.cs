using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Reading;

/// <summary>A part of a range that is answered from one place.</summary>
/// <param name="Level">Whose sums; null: from the rows themselves.</param>
/// <param name="From">Unix milliseconds.</param>
/// <param name="To">Unix milliseconds; not in it.</param>
internal readonly record struct RangePiece(RollupLevel? Level, long From, long To);
