using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>
/// JSON (RFC 8259) with what keeps a weak model from running in circles: white space only behind what opens or separates and
/// before what closes, at most one blank or one line break with 20 blanks of indentation; numbers of at most 18 digits before
/// the point, 15 behind it and 2 in the exponent, so that every reader holds them.
/// </summary>
internal static class JsonGrammar
{
    public const int MaxIntegerDigits = 18;
    public const int MaxFractionDigits = 15;
    private const int MaxIndentation = 20;

    private static readonly GrammarNode NonZeroDigit = OneOf("123456789");
    private static readonly GrammarNode Magnitude = Choice(Literal("0"), PositiveInteger(MaxIntegerDigits));

    public static GrammarNode Space { get; } = Choice(Empty, Literal(" "), Sequence(Literal("\n"), Repeat(OneOf(" \t"), 0, MaxIndentation)));

    public static GrammarNode AnyString { get; } = String(JsonText.Instance.AnyText);

    /// <summary>No -0, which some readers take for a fraction.</summary>
    public static GrammarNode Integer { get; } = Choice(Literal("0"), Sequence(Optional(Literal("-")), PositiveInteger(MaxIntegerDigits)));

    public static GrammarNode Number { get; } = Sequence(
        Optional(Literal("-")),
        Magnitude,
        Optional(Sequence(Literal("."), Repeat(Digit, 1, MaxFractionDigits))),
        Optional(Sequence(OneOf("eE"), Optional(OneOf("+-")), Repeat(Digit, 1, 2))));

    public static GrammarNode Boolean { get; } = Choice(Literal("true"), Literal("false"));

    public static GrammarNode Null { get; } = Literal("null");

    /// <summary>Any value at all.</summary>
    public static GrammarNode Value { get; } = CreateValue();

    public static GrammarNode AnyObject { get; } = Map(Member(AnyString, Value));

    public static GrammarNode AnyArray { get; } = Array(Value, 0, null);

    public static GrammarNode String(GrammarNode text) => Sequence(Literal("\""), text, Literal("\""));

    public static GrammarNode Member(GrammarNode key, GrammarNode value) => Sequence(key, Literal(":"), Optional(Literal(" ")), value);

    /// <summary>Behind a comma.</summary>
    public static GrammarNode Following(GrammarNode item) => Sequence(Literal(","), Space, item);

    public static GrammarNode Map(GrammarNode member) => Enclosed("{", Optional(Sequence(member, Repeat(Following(member), 0, null))), "}");

    public static GrammarNode Array(GrammarNode item, int min, int? max)
    {
        if (max == 0)
        {
            return Enclosed("[", Empty, "]");
        }

        GrammarNode items = Sequence(item, Repeat(Following(item), Math.Max(0, min - 1), max - 1));
        return Enclosed("[", min == 0 ? Optional(items) : items, "]");
    }

    public static GrammarNode Enclosed(string open, GrammarNode content, string close) => Sequence(Literal(open), Space, content, Space, Literal(close));

    private static GrammarNode PositiveInteger(int digits) => Sequence(NonZeroDigit, Repeat(Digit, 0, digits - 1));

    private static RuleNode CreateValue()
    {
        var value = new RuleNode();
        value.Body = Choice(Map(Member(AnyString, value)), Array(value, 0, null), AnyString, Number, Boolean, Null);
        return value;
    }
}
