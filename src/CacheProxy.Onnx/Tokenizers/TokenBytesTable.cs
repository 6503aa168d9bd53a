using System.Text;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>The bytes of all tokens in one array, so that 50,000 tokens are not 50,000 objects.</summary>
internal sealed class TokenBytesTable
{
    private readonly byte[] _bytes;
    private readonly int[] _offsets;

    /// <param name="count">Number of tokens.</param>
    /// <param name="write">Writes the bytes of token <c>id</c> into the span and returns how many; the span has room for <paramref name="maxLength"/>.</param>
    /// <param name="maxLength">Largest number of bytes of one token.</param>
    public TokenBytesTable(int count, int maxLength, Func<int, byte[], int> write)
    {
        _offsets = new int[count + 1];
        var scratch = new byte[maxLength];
        using var all = new MemoryStream(count * 8);
        for (int id = 0; id < count; id++)
        {
            all.Write(scratch, 0, write(id, scratch));
            _offsets[id + 1] = (int)all.Length;
        }

        _bytes = all.ToArray();
    }

    /// <summary>The longest token text's worst case in UTF-8.</summary>
    public static int MaxLength(IReadOnlyList<string> tokens) => tokens.Count == 0 ? 0 : Encoding.UTF8.GetMaxByteCount(tokens.Max(t => t.Length));

    /// <exception cref="ArgumentOutOfRangeException">No such id.</exception>
    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)(_offsets.Length - 1), nameof(id));
            return _bytes.AsSpan(_offsets[id].._offsets[id + 1]);
        }
    }
}
