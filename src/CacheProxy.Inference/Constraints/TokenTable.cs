using System.Buffers;
using System.Text;
using CacheProxy.Inference.Sampling;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Constraints;

/// <summary>
/// A vocabulary as constraints see it. Most tokens are whole characters that may stand in any JSON string as they are; where
/// a grammar is inside such a string they are allowed by their length alone, and only the rest (quotes, escapes, control
/// characters, parts of characters) is walked: 16 times fewer of the bundled model's tokens. Immutable, any thread.
/// </summary>
internal sealed class TokenTable
{
    // Longer ones are walked: few, and each length takes a mask.
    private const int MaxPlainCharacters = 48;

    private static readonly SearchValues<byte> NotPlain = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    private readonly uint[][] _plainUpTo = new uint[MaxPlainCharacters + 1][];
    private readonly TokenTrie _plain;
    private readonly TokenTrie _other;
    private readonly int _size;
    private readonly int[] _ends;

    public TokenTable(ITokenVocabulary vocabulary)
    {
        _size = vocabulary.Count;
        _ends = [.. Enumerable.Range(0, _size).Where(vocabulary.IsEndOfSequence)];
        (int Id, byte[] Bytes)[] tokens =
            [.. Enumerable.Range(0, _size).Where(id => !vocabulary.IsEndOfSequence(id) && !vocabulary.BytesOf(id).IsEmpty).Select(id => (id, vocabulary.BytesOf(id).ToArray()))];
        foreach ((_, byte[] bytes) in tokens.Where(token => token.Bytes.Length == 1))
        {
            Available = Available.Union(ByteSet.Range(bytes[0], bytes[0]));
        }

        ILookup<bool, (int Id, byte[] Bytes)> byKind = tokens.ToLookup(token => PlainCharacters(token.Bytes) is not null);
        _plain = new TokenTrie(byKind[true]);
        _other = new TokenTrie(byKind[false]);
        MaxTokenBytes = Math.Max(_plain.MaxTokenBytes, _other.MaxTokenBytes);
        SetPlainMasks(byKind[true]);
    }

    /// <summary>Bytes that a token of their own exists for.</summary>
    public ByteSet Available { get; }

    public int MaxTokenBytes { get; }

    /// <summary>The tokens that may follow a state, those that end the turn where the text may end.</summary>
    /// <returns>A <see cref="TokenMask"/>.</returns>
    public uint[] MaskOf(GrammarAutomaton automaton, AutomatonState state)
    {
        var mask = new uint[TokenMask.WordsFor(_size)];
        AutomatonState notText = state;
        if (CharactersLeft(state) is > 0 and int left)
        {
            _plainUpTo[Math.Min(left, MaxPlainCharacters)].CopyTo(mask, 0);
            notText = automaton.Without(state, IsInText);
        }

        _plain.Walk(automaton, notText, mask);
        _other.Walk(automaton, state, mask);
        if (state.IsAccepting)
        {
            Array.ForEach(_ends, end => TokenMask.Set(mask, end));
        }

        return mask;
    }

    /// <returns>Characters that the most generous string has room for, 0 where the state is at the beginning of no string's character.</returns>
    private static int CharactersLeft(AutomatonState state)
    {
        int left = 0;
        foreach (Frame frame in state.Frames)
        {
            if (frame is { Node: ByteNode { BeginsText: true }, Parent: { Node: RepeatNode { IsText: true } text } place })
            {
                left = Math.Max(left, text.Max is { } max ? max - place.Index + 1 : MaxPlainCharacters);
            }
        }

        return left;
    }

    // At the beginning of a character the frames are one or two levels deep: a byte, or the first of several.
    private static bool IsInText(Frame frame)
        => frame.Parent is { Node: RepeatNode { IsText: true } } or { Node: SequenceNode, Parent.Node: RepeatNode { IsText: true } };

    private void SetPlainMasks(IEnumerable<(int Id, byte[] Bytes)> tokens)
    {
        ILookup<int, int> byLength = tokens.ToLookup(token => PlainCharacters(token.Bytes)!.Value, token => token.Id);
        for (int length = 0; length <= MaxPlainCharacters; length++)
        {
            _plainUpTo[length] = length == 0 ? new uint[TokenMask.WordsFor(_size)] : [.. _plainUpTo[length - 1]];
            foreach (int id in byLength[length])
            {
                TokenMask.Set(_plainUpTo[length], id);
            }
        }
    }

    /// <returns>How many characters, or null when not all of it is plain text.</returns>
    private static int? PlainCharacters(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        if (bytes.ContainsAny(NotPlain))
        {
            return null;
        }

        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out _, out int length) != OperationStatus.Done)
            {
                return null;
            }

            bytes = bytes[length..];
            count++;
        }

        return count <= MaxPlainCharacters ? count : null;
    }
}
