using System.Buffers.Binary;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Embeddings;

/// <summary>
/// One vector as the body of its entry. Little endian:
/// <code>
/// 0  1  form, see VectorForm
/// 1  3  zero
/// 4  4  tokens of the input; -1: the upstream did not say
/// 8  n  numbers: 4 bytes each, or 8 of form Double
/// </code>
/// </summary>
internal readonly record struct StoredVector(VectorForm Form, int Tokens, ReadOnlyMemory<byte> Numbers)
{
    /// <summary>Names the layout to whoever finds the entry in a store.</summary>
    public const string ContentType = "application/vnd.cacheproxy.embedding";

    private const int TokensAt = 4;
    private const int HeadBytes = 8;

    public int Dimensions => Numbers.Length / SizeOf(Form);

    public static int SizeOf(VectorForm form) => form == VectorForm.Double ? sizeof(double) : sizeof(float);

    /// <summary>A body with room for the numbers, which begin at <paramref name="numbers"/>.</summary>
    public static byte[] Create(VectorForm form, int dimensions, out Span<byte> numbers)
    {
        byte[] body = new byte[HeadBytes + (SizeOf(form) * dimensions)];
        body[0] = (byte)form;
        SetTokens(body, -1);
        numbers = body.AsSpan(HeadBytes);
        return body;
    }

    public static void SetTokens(byte[] body, int tokens) => BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(TokensAt), tokens);

    /// <summary>False: the entry holds something else.</summary>
    public static bool TryRead(CacheEntry entry, out StoredVector vector) => TryRead(entry.Answer.Body, out vector);

    public static bool TryRead(RecordedBody body, out StoredVector vector)
    {
        ReadOnlySpan<byte> bytes = body.Bytes.Span;
        vector = default;
        if (body.Dialect != Dialect.OpenAIEmbeddings || bytes.Length <= HeadBytes || bytes[0] is < (byte)VectorForm.Single or > (byte)VectorForm.Double)
        {
            return false;
        }

        vector = new StoredVector((VectorForm)bytes[0], BinaryPrimitives.ReadInt32LittleEndian(bytes[TokensAt..]), body.Bytes[HeadBytes..]);
        return vector.Numbers.Length % SizeOf(vector.Form) == 0;
    }
}
