using System.Globalization;
using System.Numerics;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// (left id, right id) -> (rank, merged id): open addressing over two flat arrays, because a merge loop asks several times per byte
/// and a <c>Dictionary</c> of tuples costs about three times as much.
/// </summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;
    private readonly ulong[] _keys;
    private readonly ulong[] _values;
    private readonly int _shift;

    /// <param name="count">Number of pairs that will be added at most.</param>
    public MergeTable(int count)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2));
        _shift = 64 - BitOperations.Log2((uint)capacity);
        _keys = new ulong[capacity];
        _values = new ulong[capacity];
        Array.Fill(_keys, Empty);
    }

    /// <summary>Reads rules of the form <c>left right</c>, best first.</summary>
    /// <exception cref="InvalidDataException">A rule is not two known tokens that join to a known token.</exception>
    public static MergeTable FromRules(IReadOnlyList<string> merges, Dictionary<string, int> ids)
    {
        var table = new MergeTable(merges.Count);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            table.AddRule(merges[rank], rank, ids);
        }

        return table;
    }

    /// <summary>Adds a pair; the first of equal pairs stays.</summary>
    public void Add(int left, int right, int rank, int merged)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        while (_keys[slot] != Empty)
        {
            if (_keys[slot] == key)
            {
                return;
            }

            slot = (slot + 1) & (_keys.Length - 1);
        }

        _keys[slot] = key;
        _values[slot] = ((ulong)rank << 32) | (uint)merged;
    }

    /// <summary>Rank of merging the two, or <see cref="int.MaxValue"/> when they do not merge.</summary>
    public int Rank(int left, int right, out int merged)
    {
        ulong key = Key(left, right);
        for (int slot = Slot(key); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            ulong found = _keys[slot];
            if (found == key)
            {
                merged = (int)(uint)_values[slot];
                return (int)(_values[slot] >> 32);
            }

            if (found == Empty)
            {
                merged = -1;
                return int.MaxValue;
            }
        }
    }

    private void AddRule(string rule, int rank, Dictionary<string, int> ids)
    {
        int space = rule.IndexOf(' ', Math.Min(1, rule.Length));
        string left = space > 0 ? rule[..space] : "";
        string right = space > 0 ? rule[(space + 1)..] : "";
        if (!ids.TryGetValue(left, out int leftId) || !ids.TryGetValue(right, out int rightId) || !ids.TryGetValue(left + right, out int merged))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Merge {rank} '{rule}' names a token that the vocabulary does not have."));
        }

        Add(leftId, rightId, rank, merged);
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
}
