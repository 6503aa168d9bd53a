namespace CacheProxy.Tuning.Pairs;

/// <summary>
/// Where label and questions stand in a row. Without a head: label, a, b. A head may hold other columns beside them; the questions are the columns
/// called <c>a</c> and <c>b</c>, or whose names end so (<c>text_a</c>, <c>question_b</c>), or end in 1 and 2.
/// </summary>
/// <param name="Count">Columns of every row.</param>
internal readonly record struct LabelColumns(int Label, int A, int B, int Count)
{
    private static readonly string[] EndingsOfA = ["_a", "1", " a"];
    private static readonly string[] EndingsOfB = ["_b", "2", " b"];

    public static LabelColumns WithoutHead { get; } = new(0, 1, 2, 3);

    /// <returns>Null when the row is no head: no column is called <c>label</c>.</returns>
    /// <exception cref="LabelFileException">It is one, but the questions' columns are not to be told.</exception>
    public static LabelColumns? FromHead(string line)
    {
        string[] names = [.. line.Split('\t').Select(name => name.Trim().ToLowerInvariant())];
        int label = Array.IndexOf(names, "label");
        if (label < 0)
        {
            return null;
        }

        int a = Find(names, "a", EndingsOfA), b = Find(names, "b", EndingsOfB);
        return a >= 0 && b >= 0
            ? new LabelColumns(label, a, b, names.Length)
            : throw new LabelFileException("the head needs the columns label, a and b (or names that end in _a and _b)");
    }

    private static int Find(string[] names, string exact, string[] endings)
    {
        int at = Array.IndexOf(names, exact);
        return at >= 0 ? at : Array.FindIndex(names, name => endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)));
    }
}
