namespace CacheProxy.Ledger.Files;

/// <summary>The sums of one key on one day as bytes: each cell's number, then its totals.</summary>
internal static class KeyCells
{
    /// <param name="scratch">Its content is lost.</param>
    public static void Write(SortedDictionary<int, LedgerTotals> cells, PackedWriter writer, PackedWriter scratch)
    {
        foreach ((int cell, LedgerTotals sum) in cells)
        {
            scratch.Clear();
            TotalsCodec.Write(sum, scratch);
            writer.AddUnsigned((ulong)cell);
            writer.Add(scratch.Written);
        }
    }

    /// <param name="sumOf">What a cell's totals are added to; null: it does not count.</param>
    /// <exception cref="InvalidDataException">The bytes are no sums.</exception>
    public static void AddTo(Func<int, LedgerTotals?> sumOf, ReadOnlySpan<byte> bytes)
    {
        var reader = new PackedReader(bytes);
        while (!reader.IsAtEnd)
        {
            LedgerTotals? sum = sumOf((int)reader.ReadUnsigned());
            ReadOnlySpan<byte> data = reader.ReadBytes();
            if (sum is not null)
            {
                TotalsCodec.AddTo(sum, data);
            }
        }
    }
}
