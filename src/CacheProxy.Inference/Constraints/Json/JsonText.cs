using System.Text;
using CacheProxy.Inference.Constraints.Text;
using static CacheProxy.Inference.Constraints.Grammar;

namespace CacheProxy.Inference.Constraints.Json;

/// <summary>What stands between the quotes of a JSON string (RFC 8259 §7).</summary>
internal sealed class JsonText : ICharacterGrammar
{
    private static readonly CodePointSet Escaped = CodePointSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));
    private static readonly GrammarNode Hex = OneOf("0123456789abcdefABCDEF");

    private static readonly GrammarNode Character = Choice(
        new ByteNode(ByteSet.Range(0x20, 0x7F).Except(ByteSet.Of("\"\\"u8))) { BeginsText = true },
        Utf8Grammar.Of(CodePointSet.Of((0x80, 0x10FFFF))),
        Sequence(Literal("\\"), Choice(OneOf("\"\\/bfnrt"), Sequence(Literal("u"), UnicodeEscape()))));

    public static JsonText Instance { get; } = new();

    public GrammarNode AnyText { get; } = AnyCharacters(0, null);

    /// <summary>Characters in whatever way they can be written.</summary>
    public static GrammarNode AnyCharacters(int min, int? max) => max == 0 ? Empty : new RepeatNode(Character, min, max) { IsText = true };

    /// <summary>Each character in one way only: as it is, or by its shortest escape.</summary>
    public GrammarNode Of(CodePointSet set)
    {
        IEnumerable<int> escaped = Escaped.Except(Escaped.Except(set)).Ranges.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1));
        CodePointSet plain = set.Except(Escaped);
        var options = escaped.Select(character => Literal(EscapeOf(character))).ToList();
        if (plain.Ranges.Count > 0)
        {
            options.Add(Utf8Grammar.Of(plain));
        }

        return Choice(options);
    }

    /// <summary>A text in that way.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 2);
        foreach (Rune rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value is < 0x20 or '"' or '\\' ? EscapeOf(rune.Value) : rune.ToString());
        }

        return escaped.ToString();
    }

    private static string EscapeOf(int character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{character:x4}",
    };

    /// <summary>Four hexadecimal digits that are a character, or two such groups that are one together.</summary>
    private static GrammarNode UnicodeEscape() => Choice(
        Sequence(OneOf("0123456789abcefABCEF"), Hex, Hex, Hex),
        Sequence(OneOf("dD"), OneOf("01234567"), Hex, Hex),
        Sequence(OneOf("dD"), OneOf("89abAB"), Hex, Hex, Literal("\\u"), OneOf("dD"), OneOf("cdefCDEF"), Hex, Hex));
}
