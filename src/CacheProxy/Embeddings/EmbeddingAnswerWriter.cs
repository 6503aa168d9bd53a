using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CacheProxy.Exchange;

namespace CacheProxy.Embeddings;

/// <summary>Writes the answer to a batch from the entries of its inputs, in the encoding that the request asked for.</summary>
internal static class EmbeddingAnswerWriter
{
    // A double's longest text is 24 characters, and a comma.
    private const int MaxNumberText = 32;

    /// <param name="entries">For each identity of the batch its entry; all of one model and length.</param>
    public static async Task WriteAsync(HttpResponse response, EmbeddingBatch batch, CacheEntry?[] entries, CancellationToken cancellationToken)
    {
        using var buffer = new AnswerBuffer(response);
        buffer.Write("{\"object\":\"list\",\"data\":["u8);
        long tokens = 0;
        for (int i = 0; i < batch.Inputs.Length; i++)
        {
            tokens = WriteItem(buffer, i, entries[batch.Distinct[i]]!, batch.IsBase64, tokens);
            await buffer.SendFullAsync(cancellationToken);
        }

        WriteEnd(buffer, entries[0]!.Answer.Model, tokens);
        await buffer.CompleteAsync(cancellationToken);
    }

    private static long WriteItem(AnswerBuffer buffer, int index, CacheEntry entry, bool isBase64, long tokens)
    {
        StoredVector.TryRead(entry, out StoredVector vector);
        buffer.Write(index == 0 ? "{\"object\":\"embedding\",\"index\":"u8 : ",{\"object\":\"embedding\",\"index\":"u8);
        WriteNumber(buffer, index);
        buffer.Write(",\"embedding\":"u8);
        if (isBase64)
        {
            WriteBase64(buffer, vector);
        }
        else
        {
            WriteText(buffer, vector);
        }

        buffer.Write("}"u8);
        return tokens < 0 || vector.Tokens < 0 ? -1 : tokens + vector.Tokens;
    }

    private static void WriteEnd(AnswerBuffer buffer, string model, long tokens)
    {
        buffer.Write("],\"model\":"u8);
        buffer.Write("\""u8);
        buffer.Write(JsonEncodedText.Encode(model, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        buffer.Write("\""u8);
        if (tokens >= 0)
        {
            buffer.Write(",\"usage\":{\"prompt_tokens\":"u8);
            WriteNumber(buffer, tokens);
            buffer.Write(",\"total_tokens\":"u8);
            WriteNumber(buffer, tokens);
            buffer.Write("}"u8);
        }

        buffer.Write("}"u8);
    }

    private static void WriteBase64(AnswerBuffer buffer, StoredVector vector)
    {
        buffer.Write("\""u8);
        ReadOnlySpan<byte> numbers = vector.Form == VectorForm.Double ? Narrow(vector.Numbers.Span) : vector.Numbers.Span;
        Span<byte> room = buffer.GetSpan(Base64.GetMaxEncodedToUtf8Length(numbers.Length));
        Base64.EncodeToUtf8(numbers, room, out _, out int written);
        buffer.Advance(written);
        buffer.Write("\""u8);
    }

    private static byte[] Narrow(ReadOnlySpan<byte> doubles)
    {
        byte[] singles = new byte[doubles.Length / 2];
        for (int i = 0; i < singles.Length / sizeof(float); i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(
                singles.AsSpan(sizeof(float) * i), (float)BinaryPrimitives.ReadDoubleLittleEndian(doubles[(sizeof(double) * i)..]));
        }

        return singles;
    }

    private static void WriteText(AnswerBuffer buffer, StoredVector vector)
    {
        int size = StoredVector.SizeOf(vector.Form);
        ReadOnlySpan<byte> numbers = vector.Numbers.Span;
        Span<byte> room = buffer.GetSpan((MaxNumberText * (numbers.Length / size)) + 2);
        room[0] = (byte)'[';
        int at = 1;
        for (; !numbers.IsEmpty; numbers = numbers[size..])
        {
            int length = 0;
            _ = vector.Form switch
            {
                VectorForm.Single => Utf8Formatter.TryFormat(BinaryPrimitives.ReadSingleLittleEndian(numbers), room[at..], out length),
                VectorForm.WidenedSingle => Utf8Formatter.TryFormat((double)BinaryPrimitives.ReadSingleLittleEndian(numbers), room[at..], out length),
                _ => Utf8Formatter.TryFormat(BinaryPrimitives.ReadDoubleLittleEndian(numbers), room[at..], out length),
            };
            at += length;
            room[at++] = (byte)',';
        }

        room[at - 1] = (byte)']';
        buffer.Advance(at);
    }

    private static void WriteNumber(AnswerBuffer buffer, long number)
    {
        Utf8Formatter.TryFormat(number, buffer.GetSpan(MaxNumberText), out int length);
        buffer.Advance(length);
    }
}
