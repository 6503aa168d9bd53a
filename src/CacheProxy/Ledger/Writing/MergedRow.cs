namespace CacheProxy.Ledger.Writing;

/// <summary>A row that grows to stand for several.</summary>
internal sealed class MergedRow(MergeKey key, in LedgerRow first)
{
    public LedgerRow Row { get; private set; } = first with
    {
        Tenant = key.Cell.Tenant,
        Model = key.Cell.Model,
        Upstream = key.Cell.Upstream is { Length: > 0 } upstream ? upstream : null,
        Route = key.Cell.Route is { Length: > 0 } route ? route : null,
        Namespace = key.Cell.Namespace,
        User = key.User,
        EntryId = key.EntryId,
        PrefixId = key.PrefixId,
    };

    public void Add(in LedgerRow row) => Row = RowMerger.Merge(Row, row);
}
