using System.Text;

namespace CacheProxy.Inference.Constraints;

/// <summary>Short names for making nodes.</summary>
internal static class Grammar
{
    public static GrammarNode Empty { get; } = new SequenceNode([]);

    /// <summary>The language without a single text.</summary>
    public static GrammarNode Nothing { get; } = new ChoiceNode([]);

    public static ByteNode Digit { get; } = new(ByteSet.Range('0', '9'));

    public static GrammarNode Literal(string text) => Literal(Encoding.UTF8.GetBytes(text));

    public static GrammarNode Literal(byte[] bytes) => bytes.Length == 0 ? Empty : new LiteralNode(bytes);

    public static GrammarNode OneOf(string ascii) => new ByteNode(ByteSet.Of(Encoding.ASCII.GetBytes(ascii)));

    public static GrammarNode Sequence(params GrammarNode[] parts) => parts.Length == 1 ? parts[0] : new SequenceNode(parts);

    public static GrammarNode Choice(params IReadOnlyList<GrammarNode> options) => options.Count == 1 ? options[0] : new ChoiceNode(options);

    public static GrammarNode Optional(GrammarNode node) => new ChoiceNode([Empty, node]);

    public static GrammarNode Repeat(GrammarNode item, int min, int? max) => max == 0 ? Empty : new RepeatNode(item, min, max);
}
