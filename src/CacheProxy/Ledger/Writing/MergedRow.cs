namespace CacheProxy.Ledger.Writing;

/// <summary>A row that grows to stand for several.</summary>
internal sealed class MergedRow(MergeKey key, in LedgerRow first)
{
    public LedgerRow Row { get; private set; } = first with { User = key.User, EntryId = key.EntryId, PrefixId = key.PrefixId };

    /// <summary>Of a row in the same minute and cell, with the same ids: whether it may stand in this one. False also where a price is equal but another object.</summary>
    public bool Fits(in LedgerRow row)
        => ReferenceEquals(key.Price, row.Price) && key.Status == row.Status && key.Reason == row.Reason && key.Unknown == MergeKey.UnknownOf(row);

    public void Add(in LedgerRow row) => Row = RowMerger.Merge(Row, row);
}
