namespace CacheProxy.Inference.Constraints;

/// <summary>
/// A piece of a grammar over bytes. Nodes are compared by reference and shared freely; only a <see cref="RuleNode"/> can close a
/// cycle. What is written here is a language, not a way to read it: <see cref="GrammarAutomaton"/> does that.
/// </summary>
internal abstract class GrammarNode
{
    public virtual IReadOnlyList<GrammarNode> Children => [];
}

/// <summary>One byte of a set.</summary>
internal sealed class ByteNode(ByteSet bytes) : GrammarNode
{
    public ByteSet Bytes { get; } = bytes;

    /// <summary>Where a character of a <see cref="RepeatNode.IsText"/> can begin: tells a state between two characters from one inside.</summary>
    public bool BeginsText { get; init; }
}

/// <summary>These bytes; at least one.</summary>
internal sealed class LiteralNode(byte[] bytes) : GrammarNode
{
    public byte[] Bytes { get; } = bytes;
}

/// <summary>All parts one after the other; no parts: the empty text.</summary>
internal sealed class SequenceNode(IReadOnlyList<GrammarNode> parts) : GrammarNode
{
    public override IReadOnlyList<GrammarNode> Children { get; } = parts;
}

/// <summary>Any one of the options; no options: nothing at all.</summary>
internal sealed class ChoiceNode(IReadOnlyList<GrammarNode> options) : GrammarNode
{
    public override IReadOnlyList<GrammarNode> Children { get; } = options;
}

/// <summary>An item several times.</summary>
/// <param name="max">Null: as often as one likes.</param>
internal sealed class RepeatNode(GrammarNode item, int min, int? max) : GrammarNode
{
    public GrammarNode Item { get; } = item;

    public int Min { get; } = min;

    public int? Max { get; } = max;

    /// <summary>The items are characters of a JSON string with nothing asked of them: then most tokens need no look (<see cref="TokenTable"/>).</summary>
    public bool IsText { get; init; }

    public override IReadOnlyList<GrammarNode> Children { get; } = [item];
}

/// <summary>A named piece, which may contain itself. Entering it counts against the nesting limit.</summary>
internal sealed class RuleNode : GrammarNode
{
    private GrammarNode[] _children = [];

    /// <summary>Set once, after everything that may refer to the rule knows it.</summary>
    public GrammarNode Body
    {
        get => _children[0];
        set => _children = [value];
    }

    public override IReadOnlyList<GrammarNode> Children => _children;
}
