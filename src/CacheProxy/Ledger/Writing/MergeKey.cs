using CacheProxy.Exchange;
using CacheProxy.Ledger.Files;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Ledger.Writing;

/// <summary>Rows that may stand in one: what is not added up is equal in all, and so is what is unknown of them.</summary>
internal readonly record struct MergeKey(
    long Minute, CellKey Cell, string? User, BypassReason Reason, int Status, string? EntryId, string? PrefixId, ModelPrice? Price, int Unknown)
{
    /// <param name="withIds">False: of whatever user, entry and prefix.</param>
    public static MergeKey Of(in LedgerRow row, long minute, in CellKey cell, bool withIds) => new(
        minute, cell, withIds ? row.User : null, row.Reason, row.Status, withIds ? row.CountedEntryId : null, withIds ? row.PrefixId : null, row.Price,
        UnknownOf(row));

    /// <summary>A bit for each figure that the row does not know.</summary>
    public static int UnknownOf(in LedgerRow row)
        => (row.Paid is null ? 1 : 0) | (row.Avoided is null ? 2 : 0) | (row.FirstByteSeconds < 0 ? 4 : 0) | (row.MissSeconds < 0 ? 8 : 0) | (row.PredictedCachedTokens < 0 ? 16 : 0)
            | (row.IsPartPriced ? 32 : 0) | (row.Usage.CachedRead < 0 ? 64 : 0);
}
