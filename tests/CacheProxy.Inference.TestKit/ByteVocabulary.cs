using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.TestKit;

/// <summary>256 byte tokens (id = byte) and one end-of-turn token, 256.</summary>
public sealed class ByteVocabulary : ITokenVocabulary
{
    public const int EndOfTurn = 256;

    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    public int Count => 257;

    public ReadOnlySpan<byte> BytesOf(int token) => token == EndOfTurn ? [] : AllBytes.AsSpan(token, 1);

    public bool IsEndOfSequence(int token) => token == EndOfTurn;

    public static int[] Encode(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text).Select(value => (int)value)];
}
