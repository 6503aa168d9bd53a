using System.Globalization;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// Unicode's canonical decompositions and combining classes, from the embedded <c>canonical.txt</c>. The framework's own
/// <c>string.Normalize</c> returns its input unchanged under InvariantGlobalization, which all our programs set.
/// </summary>
internal sealed class CanonicalData
{
    private static readonly Lazy<CanonicalData> s_shared = new(Load);
    private readonly Dictionary<int, int[]> _full = [];
    private readonly Dictionary<(int First, int Second), int> _pairs = [];
    private readonly Dictionary<int, byte> _classes = [];

    public static CanonicalData Shared => s_shared.Value;

    /// <summary>The full decomposition of a code point, or an empty span when it has none. Hangul is not in here.</summary>
    public ReadOnlySpan<int> Decompose(int codePoint) => _full.GetValueOrDefault(codePoint);

    /// <summary>The code point that the two compose to, or -1.</summary>
    public int Compose(int first, int second) => _pairs.GetValueOrDefault((first, second), -1);

    /// <summary>Canonical combining class; 0 for starters.</summary>
    public byte ClassOf(int codePoint) => codePoint < 0x300 ? (byte)0 : _classes.GetValueOrDefault(codePoint);

    private static CanonicalData Load()
    {
        var data = new CanonicalData();
        using var reader = new StreamReader(typeof(CanonicalData).Assembly.GetManifestResourceStream("canonical.txt")!);
        var oneStep = new Dictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                data.Add(line, oneStep);
            }
        }

        foreach (int codePoint in oneStep.Keys)
        {
            data._full[codePoint] = [.. Expand(codePoint, oneStep)];
        }

        return data;
    }

    private void Add(string line, Dictionary<int, int[]> oneStep)
    {
        int mark = line.AsSpan().IndexOfAny('=', ':', '-');
        int head = Hex(line[..mark]);
        if (line[mark] == '-')
        {
            int semicolon = line.IndexOf(';');
            byte combiningClass = byte.Parse(line.AsSpan(semicolon + 1), CultureInfo.InvariantCulture);
            for (int c = head; c <= Hex(line[(mark + 1)..semicolon]); c++)
            {
                _classes[c] = combiningClass;
            }

            return;
        }

        int[] parts = [.. line[(mark + 1)..].Split(' ').Select(Hex)];
        oneStep[head] = parts;
        if (line[mark] == '=')
        {
            _pairs[(parts[0], parts[1])] = head;
        }
    }

    private static IEnumerable<int> Expand(int codePoint, Dictionary<int, int[]> oneStep) =>
        oneStep.TryGetValue(codePoint, out int[]? parts) ? parts.SelectMany(p => Expand(p, oneStep)) : [codePoint];

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
