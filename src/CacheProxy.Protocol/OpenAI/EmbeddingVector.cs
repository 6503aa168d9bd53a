using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>A vector on the wire, in the encoding that the request asked for. Both are read.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct EmbeddingVector(float[] Values, bool IsBase64)
{
    internal sealed class Converter : JsonConverter<EmbeddingVector>
    {
        public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => reader.TokenType == JsonTokenType.String ? FromBase64(reader.GetBytesFromBase64()) : FromArray(ref reader);

        public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
        {
            if (value.IsBase64)
            {
                writer.WriteBase64StringValue(ToLittleEndian(value.Values));
                return;
            }

            writer.WriteStartArray();
            foreach (float element in value.Values)
            {
                writer.WriteNumberValue(element);
            }

            writer.WriteEndArray();
        }

        private static EmbeddingVector FromArray(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("An embedding is an array of numbers or a base64 string.");
            }

            var values = new List<float>(1536);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                values.Add(reader.GetSingle());
            }

            return new EmbeddingVector([.. values], IsBase64: false);
        }

        private static EmbeddingVector FromBase64(byte[] bytes)
        {
            if (bytes.Length % sizeof(float) != 0)
            {
                throw new JsonException("A base64 embedding holds 4 bytes per element.");
            }

            float[] values = new float[bytes.Length / sizeof(float)];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(sizeof(float) * i));
            }

            return new EmbeddingVector(values, IsBase64: true);
        }

        private static ReadOnlySpan<byte> ToLittleEndian(float[] values)
        {
            if (BitConverter.IsLittleEndian)
            {
                return MemoryMarshal.AsBytes(values.AsSpan());
            }

            byte[] bytes = new byte[sizeof(float) * values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i), values[i]);
            }

            return bytes;
        }
    }
}
