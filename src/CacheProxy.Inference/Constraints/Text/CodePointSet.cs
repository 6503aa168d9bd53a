namespace CacheProxy.Inference.Constraints.Text;

/// <summary>A set of Unicode characters, surrogates never among them. Immutable.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private static readonly (int First, int Last)[] Surrogates = [(0xD800, 0xDFFF)];

    private CodePointSet(IEnumerable<(int First, int Last)> ranges) => Ranges = Merge(ranges);

    public static CodePointSet All { get; } = new CodePointSet([]).Complement();

    public static CodePointSet None { get; } = new([]);

    /// <summary>In order, neither overlapping nor touching; both bounds included.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges) => new(ranges.SelectMany(WithoutSurrogates));

    public CodePointSet Union(CodePointSet other) => new(Ranges.Concat(other.Ranges));

    public CodePointSet Complement()
    {
        var gaps = new List<(int, int)>();
        int next = 0;
        foreach ((int first, int last) in Merge(Ranges.Concat(Surrogates)))
        {
            if (first > next)
            {
                gaps.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            gaps.Add((next, Last));
        }

        return new CodePointSet(gaps);
    }

    public CodePointSet Except(CodePointSet other) => Complement().Union(other).Complement();

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range)
    {
        if (range.First < Surrogates[0].First)
        {
            yield return (range.First, Math.Min(range.Last, Surrogates[0].First - 1));
        }

        if (range.Last > Surrogates[0].Last)
        {
            yield return (Math.Max(range.First, Surrogates[0].Last + 1), range.Last);
        }
    }

    private static List<(int First, int Last)> Merge(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges.Where(range => range.First <= range.Last).OrderBy(range => range.First))
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        return merged;
    }
}
