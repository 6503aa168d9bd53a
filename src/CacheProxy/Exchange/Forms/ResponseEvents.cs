using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>The events of one response, numbered from 0.</summary>
internal sealed class ResponseEvents(int capacity) : IDisposable
{
    private readonly EventStream _events = new(capacity);
    private int _sequence;

    public void Write(string type, Action<Utf8JsonWriter> fields) => _events.Write(type, json =>
    {
        json.WriteString("type"u8, type);
        json.WriteNumber("sequence_number"u8, _sequence++);
        fields(json);
    });

    public byte[] ToArray() => _events.ToArray();

    public void Dispose() => _events.Dispose();
}
