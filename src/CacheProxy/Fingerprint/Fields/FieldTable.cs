namespace CacheProxy.Fingerprint.Fields;

/// <summary>The fields of one dialect, found by name. At most 64, so that one word remembers which have been seen.</summary>
internal sealed class FieldTable
{
    private readonly FieldRule[] _rules;
    private readonly int[][] _byLength;

    public FieldTable(params FieldRule[] rules)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rules.Length, 64);
        _rules = rules;
        _byLength = new int[rules.Max(rule => rule.Name.Length) + 1][];
        for (int length = 0; length < _byLength.Length; length++)
        {
            _byLength[length] = [.. Enumerable.Range(0, rules.Length).Where(i => rules[i].Name.Length == length)];
        }
    }

    public IReadOnlyList<FieldRule> Rules => _rules;

    public FieldRule this[int index] => _rules[index];

    /// <summary>-1: the dialect's table does not name it.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < _byLength.Length)
        {
            foreach (int index in _byLength[name.Length])
            {
                if (name.SequenceEqual(_rules[index].Name))
                {
                    return index;
                }
            }
        }

        return -1;
    }
}
