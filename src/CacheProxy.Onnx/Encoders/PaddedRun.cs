namespace CacheProxy.Onnx.Encoders;

/// <summary>How many texts share a run: all are padded to the longest, and padding costs as much as text.</summary>
internal static class PaddedRun
{
    // Cells (rows x width) of one run: larger batches win nothing on a CPU and cost 1.5 KB of output each.
    private const int MaxCells = 2048;

    // A run costs about as much to start as so many tokens to read.
    private const int WorthwhilePadding = 8;

    /// <param name="lengths">Tokens of each text, longest first; at least one.</param>
    /// <returns>How many of the first go into one run as wide as the first is long.</returns>
    public static int Rows(ReadOnlySpan<int> lengths)
    {
        int width = lengths[0], most = Math.Clamp(MaxCells / width, 1, lengths.Length), rows = 1;
        while (rows < most && width - lengths[rows] <= WorthwhilePadding)
        {
            rows++;
        }

        return rows;
    }

    /// <summary>Numbers of the texts, longest first.</summary>
    /// <param name="lengths">Sorted along.</param>
    public static int[] Order(int[] lengths)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Length)];
        Array.Sort(lengths, order, Comparer<int>.Create(static (left, right) => right.CompareTo(left)));
        return order;
    }
}
