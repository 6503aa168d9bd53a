using System.Buffers;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Embeddings;

/// <summary>
/// Reads an upstream's answer to an embedding request. Only one that fits it in every respect is read: as many vectors as inputs, numbered in
/// their order, all of one length, that length the one asked for, nothing in them that would be lost.
/// </summary>
internal static class EmbeddingAnswerReader
{
    /// <param name="count">Inputs that were sent.</param>
    /// <param name="dimensions">Asked for; null: any.</param>
    /// <returns>Null: it does not fit; it is passed on but neither stored nor taken apart.</returns>
    public static EmbeddingAnswer? TryRead(ReadOnlySequence<byte> bytes, int count, int? dimensions)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            return ReadList(ref reader, count, dimensions);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static EmbeddingAnswer? ReadList(ref Utf8JsonReader reader, int count, int? dimensions)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        string? model = null;
        long tokens = -1;
        byte[][]? bodies = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                bodies = bodies is null ? ReadData(ref reader, count) : null;
                if (bodies is null)
                {
                    return null;
                }
            }
            else if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                model = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                tokens = ReadTokens(ref reader);
            }
            else
            {
                bool isError = reader.ValueTextEquals("error"u8);
                reader.Read();
                if (isError && reader.TokenType != JsonTokenType.Null)
                {
                    return null;
                }

                reader.Skip();
            }
        }

        // Throws where something follows.
        reader.Read();
        return bodies is not null && HaveOneLength(bodies, dimensions) ? new EmbeddingAnswer(model, tokens, bodies) : null;
    }

    private static byte[][]? ReadData(ref Utf8JsonReader reader, int count)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        byte[][] bodies = new byte[count][];
        var numbers = new VectorNumbers();
        int next = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (next == count || ReadItem(ref reader, numbers, next) is not { } body)
            {
                return null;
            }

            bodies[next++] = body;
        }

        return next == count ? bodies : null;
    }

    private static byte[]? ReadItem(ref Utf8JsonReader reader, VectorNumbers numbers, int expectedIndex)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        byte[]? body = null;
        bool hasIndex = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("embedding"u8))
            {
                reader.Read();
                bool isFirst = body is null;
                body = reader.TokenType switch
                {
                    JsonTokenType.StartArray => numbers.TryReadText(ref reader),
                    JsonTokenType.String => VectorNumbers.TryReadBase64(ref reader),
                    _ => null,
                };
                if (body is null || !isFirst)
                {
                    return null;
                }
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                if (hasIndex || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int index) || index != expectedIndex)
                {
                    return null;
                }

                hasIndex = true;
            }
            else
            {
                // A field that an answer put together from entries would lack: better none than such.
                bool isObject = reader.ValueTextEquals("object"u8);
                reader.Read();
                if (!isObject || reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("embedding"u8))
                {
                    return null;
                }
            }
        }

        return hasIndex ? body : null;
    }

    private static long ReadTokens(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return -1;
        }

        long tokens = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals("prompt_tokens"u8);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number) && number is >= 0 and <= int.MaxValue)
            {
                tokens = number;
            }

            reader.Skip();
        }

        return tokens;
    }

    private static bool HaveOneLength(byte[][] bodies, int? dimensions)
    {
        int? expected = dimensions;
        foreach (byte[] body in bodies)
        {
            StoredVector.TryRead(new RecordedBody(Dialect.OpenAIEmbeddings, false, false, StoredVector.ContentType, body), out StoredVector vector);
            expected ??= vector.Dimensions;
            if (vector.Dimensions != expected)
            {
                return false;
            }
        }

        return true;
    }
}
