using System.Globalization;
using System.Runtime.CompilerServices;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>BERT's tokenizer: normalise, cut at white space and punctuation, greedy longest pieces. Thread-safe; encoding allocates only what the output needs.</summary>
public sealed class WordPieceTokenizer
{
    private const int StackChars = 256;
    private readonly WordPieceOptions _options;
    private readonly WordPieceVocabulary _vocabulary;
    private readonly SpecialTokens _special;

    /// <param name="tokens">Token texts with their ids.</param>
    /// <param name="special">Tokens that <c>parseSpecial</c> finds in the text as a whole.</param>
    /// <param name="options">What is done to the text.</param>
    /// <param name="unknownToken">Stands for words without pieces.</param>
    /// <param name="continuationPrefix">Marks pieces inside a word.</param>
    /// <exception cref="InvalidDataException">[CLS], [SEP], [PAD] or the unknown token is not in the vocabulary.</exception>
    public WordPieceTokenizer(
        IReadOnlyDictionary<string, int> tokens,
        IEnumerable<string> special,
        WordPieceOptions options,
        string unknownToken = "[UNK]",
        string continuationPrefix = "##")
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxWordLength);
        _options = options;
        _vocabulary = new WordPieceVocabulary(tokens, continuationPrefix);
        _special = new SpecialTokens(special.Select(t => (t, Require(t))));
        UnknownId = Require(unknownToken);
        ClassifyId = Require("[CLS]");
        SeparatorId = Require("[SEP]");
        PadId = Require("[PAD]");
    }

    /// <summary>Number of tokens.</summary>
    public int VocabularySize => _vocabulary.Count;

    public int UnknownId { get; }

    /// <summary>[CLS], in front of every input.</summary>
    public int ClassifyId { get; }

    /// <summary>[SEP], behind every part of an input.</summary>
    public int SeparatorId { get; }

    /// <summary>[PAD]</summary>
    public int PadId { get; }

    /// <summary>Reads a Hugging Face <c>tokenizer.json</c>; its truncation and padding settings are not applied, they belong to the encoder.</summary>
    /// <exception cref="InvalidDataException">The file is not a BERT WordPiece tokenizer as read here.</exception>
    public static WordPieceTokenizer Load(string path) => WordPieceTokenizerFile.Read(path);

    /// <summary>Appends at most <paramref name="limit"/> pieces of the text, [CLS] and [SEP] not among them; true when that is all of the text.</summary>
    /// <param name="text">Any text; a lone surrogate is dropped.</param>
    /// <param name="parseSpecial">True: [MASK] and its like, written in the text, become those tokens.</param>
    /// <param name="limit">Most pieces to append.</param>
    /// <param name="output">Receives the ids.</param>
    [SkipLocalsInit]
    public bool Encode(ReadOnlySpan<char> text, bool parseSpecial, int limit, List<int> output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        int maxCount = (int)Math.Min(int.MaxValue - 1L, (long)output.Count + limit);
        int bufferLength = BertWordSplitter.BufferLength(_options);
        Span<char> buffer = bufferLength <= StackChars ? stackalloc char[StackChars] : new char[bufferLength];
        var splitter = new BertWordSplitter(_vocabulary, _options, UnknownId, buffer, output);
        while (!text.IsEmpty && output.Count <= maxCount)
        {
            int length = 0, id = -1;
            int at = parseSpecial ? _special.Find(text, out length, out id) : -1;
            splitter.Run(at < 0 ? text : text[..at], maxCount);
            if (at < 0)
            {
                break;
            }

            output.Add(id);
            text = text[(at + length)..];
        }

        bool whole = output.Count <= maxCount;
        if (!whole)
        {
            output.RemoveRange(maxCount, output.Count - maxCount);
        }

        return whole;
    }

    private int Require(string token) => _vocabulary.TryGetId(token, out int id)
        ? id
        : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The vocabulary of {_vocabulary.Count} tokens has no '{token}'."));
}
