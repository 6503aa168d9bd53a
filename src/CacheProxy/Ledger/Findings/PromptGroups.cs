namespace CacheProxy.Ledger.Findings;

/// <summary>
/// A few heads of late prompts per tenant, model and route, to compare the next one with. Several, because several applications may share a key. At most
/// 128 groups of 4 heads of 8 KB: 4 MB. One caller at a time.
/// </summary>
internal sealed class PromptGroups
{
    private const int MostGroups = 128;
    private const int HeadsPerGroup = 4;

    // Prompts that begin alike this far are of one application.
    private const int LeastAlike = 64;

    private readonly Dictionary<FindingScope, Group> _groups = [];
    private long _clock;

    /// <summary>Counts a prompt that is not compared.</summary>
    public void Pass(FindingScope scope)
    {
        if (_groups.TryGetValue(scope, out Group? group))
        {
            group.Passed++;
        }
    }

    /// <summary>Takes the head's place among the group's, and says how it differs from the one that is most like it.</summary>
    /// <param name="prompts">How many prompts this one stands for: itself, and those that were passed since.</param>
    public PromptDifference? Compare(FindingScope scope, ReadOnlySpan<byte> head, out long prompts)
    {
        Group group = FindGroup(scope);
        group.Used = ++_clock;
        prompts = group.Passed + 1;
        group.Passed = 0;
        (PromptDifference? found, int best, int alike) = (null, -1, LeastAlike - 1);
        for (int i = 0; i < group.Heads.Count; i++)
        {
            ReadOnlySpan<byte> earlier = group.Heads[i];
            PromptDifference? difference = PromptDifference.Find(earlier, head);
            // The same words with another value in them are nearer than other words before the same text.
            int score = difference is { } d ? d.Start + d.Reusable - d.Length - d.EarlierLength : earlier.CommonPrefixLength(head);
            if (score > alike)
            {
                (found, best, alike) = (difference, i, score);
            }
        }

        group.Replace(best, head);
        return found;
    }

    public void Clear() => _groups.Clear();

    private Group FindGroup(FindingScope scope)
    {
        if (_groups.TryGetValue(scope, out Group? known))
        {
            return known;
        }

        if (_groups.Count >= MostGroups)
        {
            _groups.Remove(_groups.MinBy(pair => pair.Value.Used).Key);
        }

        return _groups[scope] = new Group();
    }

    private sealed class Group
    {
        private int _oldest;

        public List<byte[]> Heads { get; } = new(HeadsPerGroup);

        public long Used { get; set; }

        public long Passed { get; set; }

        public void Replace(int at, ReadOnlySpan<byte> head)
        {
            if (at < 0 && Heads.Count < HeadsPerGroup)
            {
                Heads.Add(head.ToArray());
                return;
            }

            if (at < 0)
            {
                at = _oldest = (_oldest + 1) % HeadsPerGroup;
            }

            if (Heads[at].Length == head.Length)
            {
                head.CopyTo(Heads[at]);
            }
            else
            {
                Heads[at] = head.ToArray();
            }
        }
    }
}
