using System.Buffers;
using System.Globalization;
using System.Text;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// Llama 2's scheme: spaces become <c>▁</c>, code points merge by score, what has no token falls back to its bytes, else to the unknown token.
/// Decoding keeps the space that <see cref="SentencePieceVocabulary.Prefix"/> put in front. Thread-safe.
/// </summary>
public sealed class SentencePieceTokenizer : ITokenizer
{
    private const char Space = '\u2581';
    private const int CachedPieces = 8192;
    private readonly SentencePieceVocabulary _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _pieces;
    private readonly MergeTable _merges;
    private readonly bool _cutAtWords;
    private readonly int[] _byteTokens = new int[256];
    private readonly int _unknown;
    private readonly TokenBytesTable _tokenBytes;
    private readonly SpecialTokens _special;
    private readonly SpecialTokens _userDefined;
    private readonly SpecialTokens.PlainEncoder _encodePlain;
    private readonly PieceCache _cache = new(CachedPieces);

    /// <exception cref="InvalidDataException">Tokens, kinds and scores differ in number.</exception>
    public SentencePieceTokenizer(SentencePieceVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        _encodePlain = EncodePlain;
        int count = vocabulary.Tokens.Count;
        if (vocabulary.Kinds.Count != count || (vocabulary.Merges is null && vocabulary.Scores.Count != count))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{count} tokens with {vocabulary.Kinds.Count} kinds and {vocabulary.Scores.Count} scores."));
        }

        Dictionary<string, int> pieces = new(StringComparer.Ordinal);
        foreach ((string text, int id) in TokensWhere(k => k == TokenKind.Normal))
        {
            pieces.TryAdd(text, id);
        }

        _pieces = pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        _merges = vocabulary.Merges is { } rules ? MergeTable.FromRules(rules, AllTokens()) : SentencePieceMerges.Build(vocabulary, pieces);
        _cutAtWords = SentencePieceMerges.StaysInsideWords(pieces.Keys, Space);
        _unknown = TokensWhere(k => k == TokenKind.Unknown).Select(t => t.Id).DefaultIfEmpty(-1).First();
        Array.Fill(_byteTokens, -1);
        foreach ((string text, int id) in TokensWhere(k => k == TokenKind.Byte))
        {
            _byteTokens[ByteOf(text)] = id;
        }

        _tokenBytes = new TokenBytesTable(count, TokenBytesTable.MaxLength(vocabulary.Tokens), WriteBytes);
        _special = new SpecialTokens(TokensWhere(k => k is TokenKind.Control or TokenKind.UserDefined), vocabulary.Trims);
        _userDefined = new SpecialTokens(TokensWhere(k => k is TokenKind.UserDefined), vocabulary.Trims);
    }

    public int VocabularySize => _vocabulary.Tokens.Count;

    public ReadOnlySpan<byte> TokenBytes(int id) => _tokenBytes[id];

    public TokenKind KindOf(int id)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)VocabularySize, nameof(id));
        return _vocabulary.Kinds[id];
    }

    public bool TryGetSpecial(string text, out int id) => _special.TryGetId(text, out id);

    public void Encode(ReadOnlySpan<char> text, bool parseSpecial, List<int> output) =>
        (parseSpecial ? _special : _userDefined).Encode(text, output, _encodePlain);

    public TokenTrim TrimOf(int id) => _vocabulary.Trims.GetValueOrDefault(id);

    private void EncodePlain(ReadOnlySpan<char> text, List<int> output)
    {
        if (text.IsEmpty)
        {
            return;
        }

        int prefix = HasPrefix(text, output.Count == 0) ? 1 : 0;
        char[] rented = ArrayPool<char>.Shared.Rent(text.Length + prefix);
        Span<char> spaced = rented.AsSpan(0, text.Length + prefix);
        spaced[0] = Space;
        text.Replace(spaced[prefix..], ' ', Space);
        for (ReadOnlySpan<char> rest = spaced; !rest.IsEmpty;)
        {
            int length = _cutAtWords ? WordLength(rest) : rest.Length;
            EncodeWord(rest[..length], output);
            rest = rest[length..];
        }

        ArrayPool<char>.Shared.Return(rented);
    }

    private bool HasPrefix(ReadOnlySpan<char> text, bool first) => _vocabulary.Prefix switch
    {
        SpacePrefix.Always => true,
        SpacePrefix.AlwaysUnlessSpace => text[0] is not (' ' or Space),
        SpacePrefix.FirstUnlessSpace => first && text[0] is not (' ' or Space),
        _ => false,
    };

    /// <summary>Spaces and what follows them, up to the next space.</summary>
    private static int WordLength(ReadOnlySpan<char> text)
    {
        int spaces = text.IndexOfAnyExcept(Space);
        int rest = spaces < 0 ? -1 : text[spaces..].IndexOf(Space);
        return rest < 0 ? text.Length : spaces + rest;
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> output)
    {
        bool cacheable = word.Length <= PieceCache.MaxPieceLength;
        if (cacheable && _cache.TryGet(word, out ReadOnlySpan<int> ids))
        {
            output.AddRange(ids);
            return;
        }

        int before = output.Count;
        int[] symbols = ArrayPool<int>.Shared.Rent(word.Length);
        int count = BpeMerger.Merge(symbols.AsSpan(0, Split(word, symbols)), _merges);
        foreach (int symbol in symbols.AsSpan(0, count))
        {
            Append(symbol, output);
        }

        ArrayPool<int>.Shared.Return(symbols);
        if (cacheable)
        {
            _cache.Put(word, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(output)[before..]);
        }
    }

    /// <summary>One symbol per code point: its token, or -1 minus the code point where it has none.</summary>
    private int Split(ReadOnlySpan<char> word, Span<int> symbols)
    {
        int count = 0;
        Span<char> chars = stackalloc char[2];
        foreach (Rune rune in word.EnumerateRunes())
        {
            int length = rune.EncodeToUtf16(chars);
            symbols[count++] = _pieces.TryGetValue(chars[..length], out int id) ? id : -1 - rune.Value;
        }

        return count;
    }

    private void Append(int symbol, List<int> output)
    {
        if (symbol >= 0)
        {
            output.Add(symbol);
            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        int length = new Rune(-1 - symbol).EncodeToUtf8(bytes);
        int before = output.Count;
        foreach (byte b in bytes[..length])
        {
            if (_byteTokens[b] < 0)
            {
                output.RemoveRange(before, output.Count - before);
                if (_unknown >= 0)
                {
                    output.Add(_unknown);
                }

                return;
            }

            output.Add(_byteTokens[b]);
        }
    }

    private int WriteBytes(int id, byte[] bytes)
    {
        string token = _vocabulary.Tokens[id];
        if (KindOf(id) == TokenKind.Byte)
        {
            bytes[0] = ByteOf(token);
            return 1;
        }

        return Encoding.UTF8.GetBytes(KindOf(id) == TokenKind.Normal ? token.Replace(Space, ' ') : token, bytes);
    }

    private Dictionary<string, int> AllTokens()
    {
        var all = new Dictionary<string, int>(VocabularySize, StringComparer.Ordinal);
        foreach ((string text, int id) in TokensWhere(kind => kind is not TokenKind.Unused))
        {
            all.TryAdd(text, id);
        }

        return all;
    }

    private IEnumerable<(string Text, int Id)> TokensWhere(Func<TokenKind, bool> wanted) =>
        Enumerable.Range(0, VocabularySize).Where(id => wanted(_vocabulary.Kinds[id])).Select(id => (_vocabulary.Tokens[id], id));

    private static byte ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal)
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out byte value)
            ? value
            : throw new InvalidDataException($"Byte token '{token}' is not of the form <0xNN>.");
}
