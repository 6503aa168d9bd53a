using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>
/// Questions of label files with their duplicate components as classes, those first that have hard neighbours: a component is taken together with
/// those that a label 0 sets beside it, and with a question that differs from it by rule. Each gets further wordings by rule, which mean the same.
/// </summary>
internal sealed class QuestionPool
{
    private static readonly Func<string, string>[] Rewordings =
    [
        text => text.ToLowerInvariant(),
        text => "Can you tell me: " + text,
        text => text.TrimEnd('?', '.', ' ') + ", please?",
        text => "I would like to know: " + Lowered(text),
        text => text.TrimEnd('?', '.', ' '),
    ];

    private readonly List<string> _texts = [];
    private readonly List<int> _classes = [];
    private readonly List<int> _partitions = [];
    private int _nextClass;

    public IReadOnlyList<string> Texts => _texts;

    public int[] Classes => [.. _classes];

    public int[] Partitions => [.. _partitions];

    /// <param name="components">Taken from each file.</param>
    /// <param name="rewordings">Of each question.</param>
    public static QuestionPool Read(IReadOnlyList<string> files, int components, int rewordings, int seed)
    {
        var pool = new QuestionPool();
        for (int file = 0; file < files.Count; file++)
        {
            pool.Add(LabelFile.Open(files[file], skipBad: true).Read().ToList(), file, components, rewordings, new Random(seed + file));
        }

        return pool;
    }

    private void Add(List<LabelledPair> pairs, int partition, int components, int rewordings, Random random)
    {
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        string Root(string text)
        {
            string root = text;
            while (parents.TryGetValue(root, out string? parent) && parent != root)
            {
                root = parent;
            }

            parents.TryAdd(text, root);
            return parents[text] = root;
        }

        foreach (LabelledPair pair in pairs)
        {
            string one = Root(pair.Cached), other = Root(pair.Asked);
            if (pair.IsSame)
            {
                parents[one] = other;
            }
        }

        Dictionary<string, string[]> members = parents.Keys.ToList().GroupBy(Root).ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
        ILookup<string, string> neighbours = pairs.Where(pair => !pair.IsSame)
            .SelectMany(pair => new[] { (Root(pair.Cached), Root(pair.Asked)), (Root(pair.Asked), Root(pair.Cached)) })
            .Where(pair => pair.Item1 != pair.Item2).ToLookup(pair => pair.Item1, pair => pair.Item2);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (string root in members.Keys.Order(StringComparer.Ordinal).OrderBy(_ => random.Next()).Where(root => members[root].Length > 1))
        {
            foreach (string chosen in neighbours[root].Take(2).Prepend(root).Where(taken.Add))
            {
                Add(members[chosen], partition, rewordings, random);
                if (members[chosen].Select(Contrasts.Of).FirstOrDefault(text => text is not null) is { } contrast && !parents.ContainsKey(contrast))
                {
                    Add([contrast], partition, rewordings, random);
                }
            }

            if (taken.Count >= components)
            {
                return;
            }
        }
    }

    private void Add(string[] wordings, int partition, int rewordings, Random random)
    {
        foreach (string text in wordings.Concat(wordings.SelectMany(text => Rewordings.OrderBy(_ => random.Next()).Take(rewordings).Select(rule => rule(text)))).Distinct())
        {
            _texts.Add(text);
            _classes.Add(_nextClass);
            _partitions.Add(partition);
        }

        _nextClass++;
    }

    private static string Lowered(string text) => text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
