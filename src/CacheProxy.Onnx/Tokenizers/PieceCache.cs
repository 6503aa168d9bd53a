namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// Ids of pieces seen lately: a direct-mapped table without locks, in which a newcomer replaces whoever holds its slot, so memory is bounded
/// by <c>slots</c> times one short piece (about 1.5 MB for 8,192). Reads and writes swap whole immutable entries.
/// </summary>
internal sealed class PieceCache(int slots)
{
    /// <summary>Longer pieces are rarely seen twice.</summary>
    public const int MaxPieceLength = 32;

    private readonly Entry?[] _entries = new Entry?[slots];

    public bool TryGet(ReadOnlySpan<char> piece, out ReadOnlySpan<int> ids)
    {
        Entry? entry = Volatile.Read(ref _entries[Slot(piece)]);
        if (entry is not null && piece.SequenceEqual(entry.Piece))
        {
            ids = entry.Ids;
            return true;
        }

        ids = default;
        return false;
    }

    public void Put(ReadOnlySpan<char> piece, ReadOnlySpan<int> ids) =>
        Volatile.Write(ref _entries[Slot(piece)], new Entry(piece.ToString(), ids.ToArray()));

    // string.GetHashCode is keyed per process: nobody can aim pieces at one slot.
    private int Slot(ReadOnlySpan<char> piece) => (int)((uint)string.GetHashCode(piece) % (uint)_entries.Length);

    private sealed record Entry(string Piece, int[] Ids);
}
