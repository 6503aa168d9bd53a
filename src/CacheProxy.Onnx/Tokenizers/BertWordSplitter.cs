using System.Text;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// Normalises text, cuts it into words and appends their pieces, in one pass that stops at the limit: a megabyte of text costs no more
/// than what fits the model. Marks are dropped as they come, which makes NFD's reordering of them unnecessary.
/// </summary>
internal ref struct BertWordSplitter(WordPieceVocabulary vocabulary, WordPieceOptions options, int unknown, Span<char> buffer, List<int> output)
{
    private readonly Span<char> _word = buffer;
    private int _length;
    private int _codePoints;

    /// <summary>Chars that the word buffer must hold: the longest word, all of it surrogate pairs.</summary>
    public static int BufferLength(WordPieceOptions options) => options.MaxWordLength * 2;

    /// <summary>Appends pieces until the output holds more than <paramref name="maxCount"/> or the text ends.</summary>
    public void Run(ReadOnlySpan<char> text, int maxCount)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            int c = rune.Value;
            if (options.CleanText && BertCharacters.IsDropped(c))
            {
                continue;
            }

            if (BertCharacters.IsWhiteSpace(c))
            {
                Flush();
            }
            else if (options.SeparateCjk && BertCharacters.IsCjk(c))
            {
                Flush();
                Normalise(c);
                Flush();
            }
            else
            {
                Normalise(c);
            }

            if (output.Count > maxCount)
            {
                return;
            }
        }

        Flush();
    }

    private void Normalise(int c)
    {
        if (!options.StripAccents || c < 0xC0)
        {
            Add(c);
            return;
        }

        Span<int> parts = stackalloc int[UnicodeNormalizer.MaxParts];
        foreach (int part in parts[..UnicodeNormalizer.Decompose(c, parts)])
        {
            if (!BertCharacters.IsNonSpacingMark(part))
            {
                Add(part);
            }
        }
    }

    private void Add(int c)
    {
        c = options.Lowercase ? Rune.ToLowerInvariant(new Rune(c)).Value : c;
        if (BertCharacters.IsPunctuation(c))
        {
            Flush();
            Append(c);
            Flush();
        }
        else
        {
            Append(c);
        }
    }

    private void Append(int c)
    {
        _codePoints++;
        if (_codePoints <= options.MaxWordLength)
        {
            _length += new Rune(c).EncodeToUtf16(_word[_length..]);
        }
    }

    private void Flush()
    {
        if (_codePoints > options.MaxWordLength)
        {
            output.Add(unknown);
        }
        else if (_codePoints > 0)
        {
            vocabulary.Append(_word[.._length], unknown, output);
        }

        (_length, _codePoints) = (0, 0);
    }
}
