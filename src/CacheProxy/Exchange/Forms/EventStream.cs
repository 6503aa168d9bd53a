using System.Buffers;
using System.Text;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange.Forms;

/// <summary>Server-sent events of JSON, written one after the other into one buffer.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly Utf8JsonWriter _json;

    public EventStream(int capacity)
    {
        _buffer = new ArrayBufferWriter<byte>(capacity);
        _json = new Utf8JsonWriter(_buffer, OpenAIJson.WriterOptions);
    }

    /// <param name="type">The <c>event:</c> line; empty: none, as OpenAI's chunks.</param>
    /// <param name="fields">Writes the properties of the event's object.</param>
    public void Write(string type, Action<Utf8JsonWriter> fields)
    {
        if (type.Length > 0)
        {
            _buffer.Write("event: "u8);
            Encoding.UTF8.GetBytes(type.AsSpan(), _buffer);
            _buffer.Write("\n"u8);
        }

        _buffer.Write("data: "u8);
        _json.Reset(_buffer);
        _json.WriteStartObject();
        fields(_json);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n\n"u8);
    }

    public void WriteRaw(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Dispose() => _json.Dispose();
}
