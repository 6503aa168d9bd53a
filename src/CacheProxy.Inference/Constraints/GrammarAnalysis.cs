namespace CacheProxy.Inference.Constraints;

/// <summary>What has to be known of a whole grammar before it runs: which bytes it tells apart, and how deep each node must nest.</summary>
internal static class GrammarAnalysis
{
    /// <summary>The height of a node of which no text at all can be made.</summary>
    public const int Impossible = int.MaxValue;

    /// <summary>All nodes, children before parents but for cycles.</summary>
    public static IReadOnlyList<GrammarNode> Collect(GrammarNode root)
    {
        var order = new List<GrammarNode>();
        var seen = new HashSet<GrammarNode> { root };
        var stack = new Stack<(GrammarNode Node, bool IsLeft)>([(root, false)]);
        while (stack.TryPop(out (GrammarNode Node, bool IsLeft) item))
        {
            if (item.IsLeft)
            {
                order.Add(item.Node);
                continue;
            }

            stack.Push((item.Node, true));
            foreach (GrammarNode child in item.Node.Children.Where(seen.Add))
            {
                stack.Push((child, false));
            }
        }

        return order;
    }

    /// <summary>
    /// Rules that must be entered inside each other to finish a node at its shortest: the least fixed point. A node that needs
    /// a byte outside <paramref name="available"/> is impossible, as is one that can only contain itself for ever.
    /// </summary>
    public static Dictionary<GrammarNode, int> HeightsOf(IReadOnlyList<GrammarNode> nodes, ByteSet available)
    {
        var heights = new Dictionary<GrammarNode, int>(nodes.Count);
        foreach (GrammarNode node in nodes)
        {
            heights[node] = Impossible;
        }

        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (GrammarNode node in nodes)
            {
                int height = HeightOf(node, heights, available);
                changed |= height != heights[node];
                heights[node] = height;
            }
        }

        return heights;
    }

    /// <summary>Numbers the bytes by what the grammar can tell apart: byte to class, from 0.</summary>
    public static byte[] ClassesOf(IReadOnlyList<GrammarNode> nodes)
    {
        var sets = new HashSet<ByteSet>();
        foreach (GrammarNode node in nodes)
        {
            switch (node)
            {
                case ByteNode single:
                    sets.Add(single.Bytes);
                    break;
                case LiteralNode literal:
                    sets.UnionWith(literal.Bytes.Select(value => ByteSet.Range(value, value)));
                    break;
            }
        }

        var classes = new byte[256];
        foreach (ByteSet set in sets)
        {
            Refine(classes, set);
        }

        return classes;
    }

    private static void Refine(byte[] classes, ByteSet set)
    {
        var numbers = new Dictionary<(byte, bool), byte>();
        for (int value = 0; value < classes.Length; value++)
        {
            (byte, bool) key = (classes[value], set.Contains((byte)value));
            if (!numbers.TryGetValue(key, out byte number))
            {
                numbers[key] = number = (byte)numbers.Count;
            }

            classes[value] = number;
        }
    }

    private static int HeightOf(GrammarNode node, Dictionary<GrammarNode, int> heights, ByteSet available) => node switch
    {
        ByteNode single => single.Bytes.Intersect(available).IsEmpty ? Impossible : 0,
        LiteralNode literal => Array.TrueForAll(literal.Bytes, available.Contains) ? 0 : Impossible,
        ChoiceNode choice => choice.Children.Count == 0 ? Impossible : choice.Children.Min(child => heights[child]),
        RepeatNode { Min: 0 } => 0,
        RuleNode rule => heights[rule.Body] == Impossible ? Impossible : heights[rule.Body] + 1,
        _ => node.Children.Count == 0 ? 0 : node.Children.Max(child => heights[child]),
    };
}
