using System.Globalization;

namespace CacheProxy.Inference.Constraints.Text;

/// <summary>The parts of a regular expression that stand for one character: classes and escapes.</summary>
internal ref struct CharacterClassParser
{
    private static readonly CodePointSet Digits = CodePointSet.Of(('0', '9'));
    private static readonly CodePointSet Words = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    // Engines differ in what else is a space. The narrow set is generated, the wide one kept out, so that every one agrees.
    private static readonly CodePointSet Spaces = CodePointSet.Of(('\t', '\r'), (' ', ' '));
    private static readonly CodePointSet AllSpaces = Spaces.Union(CodePointSet.Of(
        (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)));

    /// <summary>Reads from <c>[</c> to behind <c>]</c>.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public CharacterClassParser(string pattern, ref int at)
    {
        at++;
        bool isNegated = at < pattern.Length && pattern[at] == '^';
        at += isNegated ? 1 : 0;
        CodePointSet set = CodePointSet.None;
        while (at < pattern.Length && pattern[at] != ']')
        {
            set = set.Union(ParseItem(pattern, ref at, isNegated));
        }

        if (at == pattern.Length)
        {
            throw Error("has a class without ']'", at);
        }

        at++;
        Set = isNegated ? set.Complement() : set;
    }

    public CodePointSet Set { get; }

    /// <summary>Reads a backslash and what belongs to it.</summary>
    /// <param name="isNegated">The characters are going to be kept out.</param>
    public static CodePointSet ParseEscape(string pattern, ref int at, bool isInClass, bool isNegated = false)
    {
        int start = at++;
        if (at == pattern.Length)
        {
            throw Error("ends in a backslash", at);
        }

        char kind = pattern[at++];
        return kind switch
        {
            'd' => Digits,
            'D' => Digits.Complement(),
            'w' => Words,
            'W' => Words.Complement(),
            's' => isNegated ? AllSpaces : Spaces,
            'S' => (isNegated ? Spaces : AllSpaces).Complement(),
            't' => Single('\t'),
            'n' => Single('\n'),
            'v' => Single('\v'),
            'f' => Single('\f'),
            'r' => Single('\r'),
            '0' when at == pattern.Length || !char.IsAsciiDigit(pattern[at]) => Single('\0'),
            'b' when isInClass => Single('\b'),
            'x' => Single(ParseHex(pattern, ref at, 2)),
            'u' => Single(ParseUnicode(pattern, ref at)),
            _ when char.IsAsciiLetterOrDigit(kind) => throw Error($"has the escape '\\{kind}', which is not supported", start),
            _ => Single(kind),
        };
    }

    public static int TakeCharacter(string pattern, ref int at)
    {
        if (char.IsSurrogate(pattern[at]) && (at + 1 == pattern.Length || !char.IsSurrogatePair(pattern[at], pattern[at + 1])))
        {
            throw Error("has half of a surrogate pair", at);
        }

        int character = char.ConvertToUtf32(pattern, at);
        at += character > char.MaxValue ? 2 : 1;
        return character;
    }

    private static CodePointSet ParseItem(string pattern, ref int at, bool isNegated)
    {
        CodePointSet first = ParseOne(pattern, ref at, isNegated);
        if (at + 1 >= pattern.Length || pattern[at] != '-' || pattern[at + 1] == ']')
        {
            return first;
        }

        at++;
        CodePointSet last = ParseOne(pattern, ref at, isNegated);
        return IsSingle(first) && IsSingle(last) && first.Ranges[0].First <= last.Ranges[0].First
            ? CodePointSet.Of((first.Ranges[0].First, last.Ranges[0].First)) : throw Error("has a range whose bounds are out of order or no characters", at);
    }

    private static CodePointSet ParseOne(string pattern, ref int at, bool isNegated)
    {
        if (pattern[at] == '\\')
        {
            return ParseEscape(pattern, ref at, isInClass: true, isNegated);
        }

        return Single(TakeCharacter(pattern, ref at));
    }

    private static int ParseUnicode(string pattern, ref int at)
    {
        if (at < pattern.Length && pattern[at] == '{')
        {
            int end = pattern.IndexOf('}', at);
            int length = end - at - 1;
            at++;
            int character = length is >= 1 and <= 6 ? ParseHex(pattern, ref at, length) : throw Error("has a malformed '\\u{…}'", at);
            at++;
            return character <= 0x10FFFF ? character : throw Error("names a character that does not exist", at);
        }

        int unit = ParseHex(pattern, ref at, 4);
        if (!char.IsHighSurrogate((char)unit) || at + 1 >= pattern.Length || pattern[at] != '\\' || pattern[at + 1] != 'u')
        {
            return unit;
        }

        at += 2;
        int low = ParseHex(pattern, ref at, 4);
        return char.IsLowSurrogate((char)low) ? char.ConvertToUtf32((char)unit, (char)low) : throw Error("has half of a surrogate pair", at);
    }

    private static int ParseHex(string pattern, ref int at, int digits)
    {
        if (at + digits > pattern.Length || !int.TryParse(pattern.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value))
        {
            throw Error($"has an escape without {digits} hexadecimal digits", at);
        }

        at += digits;
        return value;
    }

    private static bool IsSingle(CodePointSet set) => set.Ranges is [var only] && only.First == only.Last;

    private static CodePointSet Single(int character) => CodePointSet.Of((character, character));

    private static FormatException Error(string problem, int at) => new($"the pattern {problem} (at character {at})");
}
