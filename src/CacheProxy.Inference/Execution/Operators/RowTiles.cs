namespace CacheProxy.Inference.Execution.Operators;

/// <summary>How many rows one tile takes: few enough to keep all threads busy, enough to pay for handing it out (about 100 ns).</summary>
internal static class RowTiles
{
    private const int Many = 64;

    public static int Size(int rows) => rows >= Many ? 4 * BlockOffsets.RowsAtOnce : BlockOffsets.RowsAtOnce;

    public static int Count(int rows) => (rows + Size(rows) - 1) / Size(rows);
}
