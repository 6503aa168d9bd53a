namespace CacheProxy.Inference.Constraints;

/// <summary>
/// One place in a grammar together with all places to come back to: a cell of a linked stack, shared and unique within its
/// automaton. What <see cref="Index"/> counts depends on the node: bytes of a literal that were read, parts of a sequence
/// that were begun, items of a repetition that were begun.
/// </summary>
internal sealed class Frame(GrammarNode node, int index, Frame? parent, int number)
{
    public GrammarNode Node { get; } = node;

    public int Index { get; } = index;

    public Frame? Parent { get; } = parent;

    /// <summary>Order of creation.</summary>
    public int Number { get; } = number;

    /// <summary>Rules entered and not left.</summary>
    public int Depth { get; } = (parent?.Depth ?? 0) + (node is RuleNode ? 1 : 0);

    /// <summary>The frame that allows the same next token, counts that are far from their bounds made equal; null: not looked for yet.</summary>
    public Frame? Canonical { get; set; }
}

/// <summary>What makes a frame the same as another.</summary>
internal readonly record struct FrameKey(GrammarNode Node, int Index, Frame? Parent);
