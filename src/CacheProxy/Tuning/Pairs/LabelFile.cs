using System.Text;

namespace CacheProxy.Tuning.Pairs;

/// <summary>
/// Labelled pairs in a tab-separated UTF-8 file: label (1: one answer serves both, 0: not), a, b; a head is optional, empty lines are left out.
/// Texts are taken as they are: no quoting, no escapes.
/// </summary>
public sealed class LabelFile
{
    private const int NamedFaults = 5;

    private readonly string _path;
    private readonly LabelColumns _columns;
    private readonly bool _hasHead;

    private LabelFile(string path)
    {
        _path = path;
        string? first = Lines().Select(line => line.Text).FirstOrDefault(line => line.Length > 0);
        LabelColumns? head;
        try
        {
            head = first is null ? null : LabelColumns.FromHead(first);
        }
        catch (LabelFileException fault)
        {
            throw new LabelFileException($"{path}:1: {fault.Message}.");
        }

        _hasHead = head is not null;
        _columns = head ?? LabelColumns.WithoutHead;
    }

    /// <summary>Without its folder.</summary>
    public string Name => Path.GetFileName(_path);

    /// <summary>Pairs in the file.</summary>
    public int Count { get; private set; }

    /// <summary>Of those, with label 1.</summary>
    public int Positives { get; private set; }

    /// <summary>Rows that are left out because something is wrong with them.</summary>
    public int BadRows { get; private set; }

    /// <summary>Reads the file once to count and check its rows: what is wrong is said before any work is done.</summary>
    /// <param name="path">The file.</param>
    /// <param name="skipBad">Leave bad rows out and count them.</param>
    /// <exception cref="LabelFileException">A row is bad and <paramref name="skipBad"/> is not set, or no pair is left. Names the first bad rows with their lines.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LabelFile Open(string path, bool skipBad)
    {
        var file = new LabelFile(path);
        var faults = new List<string>();
        foreach ((int number, string text) in file.Rows())
        {
            if (file.TryParse(text, out LabelledPair pair) is not { } fault)
            {
                file.Count++;
                file.Positives += pair.IsSame ? 1 : 0;
                continue;
            }

            file.BadRows++;
            if (faults.Count < NamedFaults)
            {
                faults.Add($"{path}:{number}: {fault}.");
            }
        }

        if (file.BadRows > 0 && !skipBad)
        {
            string more = file.BadRows > faults.Count ? $"{Environment.NewLine}And {file.BadRows - faults.Count} more." : "";
            throw new LabelFileException($"{string.Join(Environment.NewLine, faults)}{more}{Environment.NewLine}Nothing was judged. --skip-bad leaves bad rows out.");
        }

        return file.Count > 0 ? file : throw new LabelFileException($"{path}: there is no labelled pair in it.");
    }

    /// <summary>The pairs, read as they are asked for; bad rows are left out.</summary>
    public IEnumerable<LabelledPair> Read()
    {
        foreach ((_, string text) in Rows())
        {
            if (TryParse(text, out LabelledPair pair) is null)
            {
                yield return pair;
            }
        }
    }

    /// <returns>What is wrong, or null.</returns>
    private string? TryParse(string line, out LabelledPair pair)
    {
        pair = default;
        string[] cells = line.Split('\t');
        if (cells.Length != _columns.Count)
        {
            return $"{cells.Length} columns instead of {_columns.Count}{(_hasHead ? "" : " (label, a, b)")}";
        }

        string label = cells[_columns.Label].Trim();
        if (label is not ("0" or "1"))
        {
            return $"the label is '{(label.Length > 20 ? label[..20] + "…" : label)}', not 0 or 1";
        }

        if (line.Contains('\uFFFD', StringComparison.Ordinal))
        {
            return "the text is not valid UTF-8";
        }

        pair = new LabelledPair(label == "1", cells[_columns.A], cells[_columns.B]);
        return null;
    }

    private IEnumerable<(int Number, string Text)> Rows() => Lines().Where(line => line.Text.Length > 0).Skip(_hasHead ? 1 : 0);

    private IEnumerable<(int Number, string Text)> Lines()
    {
        using var reader = new StreamReader(_path, Encoding.UTF8);
        for (int number = 1; reader.ReadLine() is { } text; number++)
        {
            yield return (number, text);
        }
    }
}
