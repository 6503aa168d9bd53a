using System.Collections.Frozen;
using System.Globalization;

namespace CacheProxy.SemanticCache.Text;

/// <summary>Reads the numbers of a question, written in digits, words, ordinals or Roman numerals, as one canonical text each.</summary>
public static class NumberWords
{
    /// <summary>What "one" is read as: it may stand for an article, so it matches the digit 1 and also nothing.</summary>
    public const string One = "one";

    /// <summary>What an ordinal begins with: "3rd" and "third" are the same place, and no count of three.</summary>
    public const char Ordinal = '#';

    /// <summary>"first" says "to begin with" as often as it numbers.</summary>
    public const string First = "#1";

    private static readonly FrozenDictionary<string, string> Small = WordTable.Pairs("""
        zero 0; two 2; three 3; four 4; five 5; six 6; seven 7; eight 8; nine 9; ten 10; eleven 11; twelve 12; thirteen 13; fourteen 14
        fifteen 15; sixteen 16; seventeen 17; eighteen 18; nineteen 19; dozen 12; half 1/2; quarter 1/4; twice 2; double 2; thrice 3; triple 3
        """);

    private static readonly FrozenDictionary<string, string> Ordinals = WordTable.Pairs("""
        first #1; 1st #1; second #2; 2nd #2; third #3; 3rd #3; fourth #4; fifth #5; sixth #6; seventh #7; eighth #8; ninth #9; tenth #10; eleventh #11; twelfth #12
        thirteenth #13; fourteenth #14; fifteenth #15; sixteenth #16; seventeenth #17; eighteenth #18; nineteenth #19; twentieth #20; thirtieth #30
        """);

    private static readonly FrozenDictionary<string, string> Tens = WordTable.Pairs(
        "twenty 20; thirty 30; forty 40; fifty 50; sixty 60; seventy 70; eighty 80; ninety 90");

    private static readonly FrozenDictionary<string, string> Scales = WordTable.Pairs(
        "hundred 100; thousand 1000; million 1000000; billion 1000000000; trillion 1000000000000");

    private static readonly FrozenDictionary<string, string> Roman = WordTable.Pairs(
        "II 2; III 3; IV 4; VI 6; VII 7; VIII 8; IX 9; XI 11; XII 12; XIII 13; XIV 14; XV 15; XVI 16; XVII 17; XVIII 18; XIX 19; XX 20; XXI 21");

    /// <summary>Says a number or a place in a row; "second" also when it is a unit of time.</summary>
    public static bool Is(QuestionToken token) => token.Kind == TokenKind.Number
        || (token.Kind == TokenKind.Word
            && (token.Lower == One || Small.ContainsKey(token.Lower) || Tens.ContainsKey(token.Lower) || Scales.ContainsKey(token.Lower) || Ordinals.ContainsKey(token.Lower)));

    /// <summary>In order of appearance. Digits keep their decimals as written: 3.10 and 3.1 may be versions.</summary>
    public static List<string> Read(QuestionText text)
    {
        var numbers = new List<string>();
        for (int i = 0; i < text.Tokens.Count;)
        {
            i += ReadAt(text.Tokens, i, numbers);
        }

        return numbers;
    }

    private static int ReadAt(IReadOnlyList<QuestionToken> tokens, int at, List<string> numbers)
    {
        QuestionToken token = tokens[at];
        if (token.Kind == TokenKind.Number)
        {
            return ReadDigits(tokens, at, numbers);
        }

        if (token.Kind == TokenKind.Code)
        {
            AddDigitRuns(token.Lower, numbers);
            return 1;
        }

        if (token.Kind != TokenKind.Word)
        {
            return 1;
        }

        if (Ordinals.TryGetValue(token.Lower, out string? ordinal))
        {
            numbers.Add(ordinal);
            return 1;
        }

        if (Roman.TryGetValue(token.Original, out string? roman))
        {
            numbers.Add(roman);
            return 1;
        }

        // "World War I", "Type I": a capital I after a capitalised word is a numeral, else the pronoun.
        if (token.Original == "I" && at > 0 && tokens[at - 1].IsCapitalised && !tokens[at - 1].StartsSentence)
        {
            numbers.Add("1");
            return 1;
        }

        return ReadWords(tokens, at, numbers);
    }

    private static int ReadDigits(IReadOnlyList<QuestionToken> tokens, int at, List<string> numbers)
    {
        string digits = tokens[at].Lower;
        if (at + 1 < tokens.Count && Scales.TryGetValue(tokens[at + 1].Lower, out string? scale)
            && decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) && value < 1_000_000)
        {
            numbers.Add((value * decimal.Parse(scale, CultureInfo.InvariantCulture)).ToString("0.########", CultureInfo.InvariantCulture));
            return 2;
        }

        // "3rd", "20th": digits with an ending are one place in a row, "10k" is a scale.
        string next = at + 1 < tokens.Count ? tokens[at + 1].Lower : "";
        bool isPlace = next is "st" or "nd" or "rd" or "th";
        numbers.Add(isPlace ? Ordinal + digits : digits);
        return isPlace ? 2 : 1;
    }

    private static int ReadWords(IReadOnlyList<QuestionToken> tokens, int at, List<string> numbers)
    {
        decimal total = 0, group = 0;
        int used = 0;
        for (; at + used < tokens.Count; used++)
        {
            string word = tokens[at + used].Lower;
            if (Tens.TryGetValue(word, out string? tens) && group % 100 == 0)
            {
                group += Value(tens);
            }
            else if (Small.TryGetValue(word, out string? small) && !small.Contains('/') && group % 10 == 0 && (used == 0 || Value(small) < 10 || group % 100 == 0))
            {
                group += Value(small);
            }
            else if (word == One && used > 0 && group % 10 == 0)
            {
                group += 1;
            }
            else if (Scales.TryGetValue(word, out string? scale))
            {
                group = Math.Max(1, group) * Value(scale);
                if (Value(scale) > 100)
                {
                    total += group;
                    group = 0;
                }
            }
            else if (word != "and" || group < 100 || !Continues(tokens, at + used + 1))
            {
                break;
            }
        }

        return used > 0 ? Report(total + group, used, numbers) : ReadSingleWord(tokens[at].Lower, numbers);
    }

    // "two hundred and fifty": the "and" belongs to the number when one below a hundred follows.
    private static bool Continues(IReadOnlyList<QuestionToken> tokens, int at)
        => at < tokens.Count && (Tens.ContainsKey(tokens[at].Lower) || Small.ContainsKey(tokens[at].Lower));

    private static int Report(decimal value, int used, List<string> numbers)
    {
        numbers.Add(value.ToString(CultureInfo.InvariantCulture));
        return used;
    }

    private static int ReadSingleWord(string word, List<string> numbers)
    {
        if (word == One)
        {
            numbers.Add(One);
        }
        else if (Small.TryGetValue(word, out string? fraction))
        {
            numbers.Add(fraction);
        }

        return 1;
    }

    private static void AddDigitRuns(string code, List<string> numbers)
    {
        for (int i = 0; i < code.Length; i++)
        {
            int start = i;
            while (i < code.Length && char.IsAsciiDigit(code[i]))
            {
                i++;
            }

            if (i > start)
            {
                numbers.Add(code[start..i]);
            }
        }
    }

    private static decimal Value(string digits) => decimal.Parse(digits, CultureInfo.InvariantCulture);
}
