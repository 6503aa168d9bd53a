using System.Buffers;
using System.Globalization;
using System.Text;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// GPT-2's scheme: text -> special tokens cut out -> pieces (<see cref="PieceScanner"/>) -> UTF-8 bytes -> merges.
/// Bytes that have no token are dropped before merging, as Hugging Face does; everywhere else decoding gives the text back to the byte.
/// Thread-safe; a warm encode of ordinary text allocates only what <c>output</c> needs to grow.
/// </summary>
public sealed class ByteLevelBpeTokenizer : ITokenizer
{
    private const int CachedPieces = 8192;
    private readonly BpeVocabulary _vocabulary;
    private readonly PreTokenizerRules _rules;
    private readonly Dictionary<string, int> _ids;
    private readonly MergeTable _merges;
    private readonly int[] _byteTokens = new int[256];
    private readonly TokenBytesTable _tokenBytes;
    private readonly SpecialTokens _special;
    private readonly SpecialTokens _userDefined;
    private readonly SpecialTokens.PlainEncoder _encodePlain;
    private readonly PieceCache _cache = new(CachedPieces);

    /// <exception cref="InvalidDataException">Kinds and tokens differ in number, or a merge names an unknown token.</exception>
    /// <exception cref="NotSupportedException">The pre-tokeniser's name is unknown.</exception>
    public ByteLevelBpeTokenizer(BpeVocabulary vocabulary)
        : this(vocabulary, PreTokenizerRules.Find(vocabulary.PreTokenizer))
    {
    }

    /// <param name="vocabulary">Its pre-tokeniser's name is not looked at.</param>
    /// <param name="rules">How text is cut into pieces.</param>
    /// <exception cref="InvalidDataException">Kinds and tokens differ in number, or a merge names an unknown token.</exception>
    public ByteLevelBpeTokenizer(BpeVocabulary vocabulary, PreTokenizerRules rules)
    {
        _vocabulary = vocabulary;
        _rules = rules;
        _encodePlain = EncodePlain;
        if (vocabulary.Kinds.Count != 0 && vocabulary.Kinds.Count != vocabulary.Tokens.Count)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{vocabulary.Kinds.Count} token kinds for {vocabulary.Tokens.Count} tokens."));
        }

        _ids = IndexTokens(vocabulary.Tokens);
        _merges = MergeTable.FromRules(vocabulary.Merges, _ids);
        for (int b = 0; b < _byteTokens.Length; b++)
        {
            _byteTokens[b] = _ids.GetValueOrDefault(ByteAlphabet.ToChar((byte)b).ToString(), -1);
        }

        _tokenBytes = new TokenBytesTable(VocabularySize, TokenBytesTable.MaxLength(vocabulary.Tokens), WriteBytes);
        _special = new SpecialTokens(TokensWhere(k => k is TokenKind.Control or TokenKind.UserDefined), vocabulary.Trims);
        _userDefined = new SpecialTokens(TokensWhere(k => k is TokenKind.UserDefined), vocabulary.Trims);
    }

    public int VocabularySize => _vocabulary.Tokens.Count;

    public ReadOnlySpan<byte> TokenBytes(int id) => _tokenBytes[id];

    public TokenKind KindOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)VocabularySize, nameof(id));
        return _vocabulary.Kinds.Count == 0 ? TokenKind.Normal : _vocabulary.Kinds[id];
    }

    public bool TryGetSpecial(string text, out int id) => _special.TryGetId(text, out id);

    public void Encode(ReadOnlySpan<char> text, bool parseSpecial, List<int> output) =>
        (parseSpecial ? _special : _userDefined).Encode(text, output, _encodePlain);

    public TokenTrim TrimOf(int id) => _vocabulary.Trims.GetValueOrDefault(id);

    private void EncodePlain(ReadOnlySpan<char> text, List<int> output)
    {
        if (_rules.Compose && !UnicodeNormalizer.IsSurelyComposed(text))
        {
            text = UnicodeNormalizer.Compose(text);
        }

        while (!text.IsEmpty)
        {
            int length = PieceScanner.NextLength(text, _rules);
            EncodePiece(text[..length], output);
            text = text[length..];
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> output)
    {
        bool cacheable = piece.Length <= PieceCache.MaxPieceLength;
        if (cacheable && _cache.TryGet(piece, out ReadOnlySpan<int> ids))
        {
            output.AddRange(ids);
            return;
        }

        int maxBytes = Encoding.UTF8.GetMaxByteCount(piece.Length);
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(maxBytes);
        int[] symbols = ArrayPool<int>.Shared.Rent(maxBytes);
        int count = EncodeBytes(utf8.AsSpan(0, Encoding.UTF8.GetBytes(piece, utf8)), symbols);
        output.AddRange(symbols.AsSpan(0, count));
        if (cacheable)
        {
            _cache.Put(piece, symbols.AsSpan(0, count));
        }

        ArrayPool<int>.Shared.Return(symbols);
        ArrayPool<byte>.Shared.Return(utf8);
    }

    private int EncodeBytes(ReadOnlySpan<byte> utf8, Span<int> symbols)
    {
        if (_rules.IgnoreMerges && TryWholePiece(utf8, out symbols[0]))
        {
            return 1;
        }

        int count = 0;
        foreach (byte b in utf8)
        {
            symbols[count] = _byteTokens[b];
            count += symbols[count] < 0 ? 0 : 1;
        }

        return BpeMerger.Merge(symbols[..count], _merges);
    }

    private bool TryWholePiece(ReadOnlySpan<byte> utf8, out int id)
    {
        const int longest = 256;
        id = -1;
        if (utf8.Length > longest)
        {
            return false;
        }

        Span<char> chars = stackalloc char[longest];
        for (int i = 0; i < utf8.Length; i++)
        {
            chars[i] = ByteAlphabet.ToChar(utf8[i]);
        }

        return _ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars[..utf8.Length], out id);
    }

    private int WriteBytes(int id, byte[] bytes)
    {
        string token = _vocabulary.Tokens[id];
        bool inAlphabet = KindOf(id) is not (TokenKind.Control or TokenKind.UserDefined) && ByteAlphabet.TryGetBytes(token, bytes);
        return inAlphabet ? token.Length : Encoding.UTF8.GetBytes(token, bytes);
    }

    private IEnumerable<(string Text, int Id)> TokensWhere(Func<TokenKind, bool> wanted) =>
        Enumerable.Range(0, VocabularySize).Where(id => wanted(KindOf(id))).Select(id => (_vocabulary.Tokens[id], id));

    private static Dictionary<string, int> IndexTokens(IReadOnlyList<string> tokens)
    {
        var ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
        {
            ids.TryAdd(tokens[id], id);
        }

        return ids;
    }
}
