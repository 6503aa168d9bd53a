namespace CacheProxy.Tuning.Statistics;

/// <summary>
/// Labelled pairs grouped so that no question is in two groups: the connected parts of the graph whose edges are the pairs. Halves made of whole
/// groups share no question, so that what was fitted to one is news to the other.
/// </summary>
public sealed class QuestionGroups
{
    private readonly Dictionary<string, int> _nodes = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<int> _parents = [];

    /// <summary>Joins the groups of two questions. Case and outer white space do not make another question.</summary>
    public void Join(string left, string right)
    {
        int a = Root(Node(left)), b = Root(Node(right));
        if (a != b)
        {
            _parents[Math.Max(a, b)] = Math.Min(a, b);
        }
    }

    /// <summary>Number of the group that a question is in; stands once all are joined.</summary>
    public int Of(string question) => Root(Node(question));

    /// <summary>0 or 1, by the group: the same for the same seed, about as many groups in either.</summary>
    public int HalfOf(string question, int seed)
    {
        // SplitMix64 of the group's number: neighbouring numbers part as if by lot.
        ulong x = (ulong)Of(question) + ((ulong)seed * 0x9E3779B97F4A7C15) + 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)((x ^ (x >> 31)) & 1);
    }

    private int Node(string question)
    {
        string key = question.Trim();
        if (!_nodes.TryGetValue(key, out int node))
        {
            _nodes[key] = node = _parents.Count;
            _parents.Add(node);
        }

        return node;
    }

    private int Root(int node)
    {
        while (_parents[node] != node)
        {
            // Halving the path keeps the next walk short.
            node = _parents[node] = _parents[_parents[node]];
        }

        return node;
    }
}
