namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// Cuts text into the pieces inside which BPE merges: the patterns of <see cref="PreTokenizerPattern"/> written out by hand, by code point.
/// The pieces cover the text without gaps.
/// </summary>
internal static class PieceScanner
{
    /// <summary>Length in chars of the piece at the start of <paramref name="text"/>, which must not be empty.</summary>
    public static int NextLength(ReadOnlySpan<char> text, PreTokenizerRules rules) =>
        rules.Pattern == PreTokenizerPattern.Gpt2 ? NextGpt2(text, rules) : NextLlama3(text, rules);

    private static int NextGpt2(ReadOnlySpan<char> text, PreTokenizerRules rules)
    {
        CharClass first = CharClasses.At(text, 0, out int length);
        if (first == CharClass.Number && rules.NumbersFirst)
        {
            return length;
        }

        if (text[0] == '\'' && Contraction(text, ignoreCase: false) is int contraction and > 0)
        {
            return contraction;
        }

        int start = 0;
        if (text[0] == ' ' && text.Length > 1)
        {
            first = CharClasses.At(text, 1, out _);
            start = 1;
            if (first == CharClass.Space || (first == CharClass.Number && rules.NumbersFirst))
            {
                return Spaces(text, rules.NumbersFirst);
            }
        }

        return first switch
        {
            CharClass.Space => Spaces(text, rules.NumbersFirst),
            CharClass.Number => RunEnd(text, start, first, rules.MaxNumberLength),
            _ => RunEnd(text, start, first),
        };
    }

    private static int NextLlama3(ReadOnlySpan<char> text, PreTokenizerRules rules)
    {
        if (text[0] == '\'' && Contraction(text, ignoreCase: true) is int contraction and > 0)
        {
            return contraction;
        }

        CharClass first = CharClasses.At(text, 0, out int length);
        if (first == CharClass.Letter)
        {
            return RunEnd(text, 0, first);
        }

        if (first == CharClass.Number)
        {
            return RunEnd(text, 0, first, rules.MaxNumberLength);
        }

        CharClass second = length < text.Length ? CharClasses.At(text, length, out _) : CharClass.Space;
        if (second == CharClass.Letter && text[0] is not ('\r' or '\n'))
        {
            return RunEnd(text, length, second);
        }

        if (first == CharClass.Other || (text[0] == ' ' && second == CharClass.Other))
        {
            return LineBreaksEnd(text, RunEnd(text, first == CharClass.Other ? 0 : 1, CharClass.Other));
        }

        int end = RunEnd(text, 0, CharClass.Space);
        int lastBreak = text[..end].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? lastBreak + 1 : Spaces(text, endsAtNumbers: false);
    }

    /// <summary>A run of white space leaves its last character to the word behind it, unless the text ends there.</summary>
    private static int Spaces(ReadOnlySpan<char> text, bool endsAtNumbers)
    {
        int end = RunEnd(text, 0, CharClass.Space);
        bool atEnd = end == text.Length || (endsAtNumbers && CharClasses.At(text, end, out _) == CharClass.Number);
        return atEnd || end == 1 ? end : end - 1;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int start, CharClass wanted, int limit = int.MaxValue)
    {
        int end = start;
        for (int count = 0; end < text.Length && count < limit; count++)
        {
            if (CharClasses.At(text, end, out int length) != wanted)
            {
                break;
            }

            end += length;
        }

        return end;
    }

    private static int LineBreaksEnd(ReadOnlySpan<char> text, int end)
    {
        while (end < text.Length && text[end] is '\r' or '\n')
        {
            end++;
        }

        return end;
    }

    /// <summary>Length of the contraction at the start, apostrophe included, or 0. Case folding makes U+017F (long s) an s too.</summary>
    private static int Contraction(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        char first = ignoreCase ? Fold(text[1]) : text[1];
        if (first is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }

        char second = text.Length < 3 ? '\0' : ignoreCase ? Fold(text[2]) : text[2];
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Fold(char c) => c == '\u017F' ? 's' : char.ToLowerInvariant(c);
}
