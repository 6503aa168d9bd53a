using System.Buffers;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Protocol.Sse;

namespace CacheProxy.Exchange.Forms;

/// <summary>Puts the events of one stream together to the object that the same request without <c>stream</c> would have got.</summary>
internal abstract class StreamFold
{
    /// <summary>Duplicate names would let two readers see two answers.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The dialect's own terminal event has come.</summary>
    protected bool IsOver { get; set; }

    /// <summary>Null: it has no end or goes on behind it, an event says an error, or one is none of the dialect.</summary>
    public byte[]? TryFold(ReadOnlySpan<byte> stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(stream.Length);
        try
        {
            return TryFold(stream, buffer);
        }
        finally
        {
            // A tenant's text: whoever rents the array next must not even by a fault of its own come to see it. Less than 2 us for 64 KiB.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <param name="buffer">Takes the data of one event at a time.</param>
    private byte[]? TryFold(ReadOnlySpan<byte> stream, byte[] buffer)
    {
        var parser = new SseParser();
        while (parser.TryRead(ref stream, out SseEvent item))
        {
            if (item.IsDone)
            {
                OnDone();
                continue;
            }

            if (item.Data.IsEmpty)
            {
                continue;
            }

            item.Data.CopyTo(buffer);
            using JsonDocument document = JsonDocument.Parse(buffer.AsMemory(0, item.Data.Length), Strict);
            JsonElement root = document.RootElement;
            if (IsOver || root.ValueKind != JsonValueKind.Object || IsError(root) || item.Type.SequenceEqual("error"u8) || !TryAccept(root))
            {
                return null;
            }
        }

        return IsOver && !parser.HasPartialEvent && !parser.IsOversized ? Write() : null;
    }

    /// <returns>False: the event makes the answer one that cannot be kept.</returns>
    protected abstract bool TryAccept(JsonElement root);

    protected abstract void Write(Utf8JsonWriter json);

    /// <summary><c>data: [DONE]</c>. Only some dialects end with it; some servers send it in all.</summary>
    protected virtual void OnDone()
    {
    }

    protected static string? TypeOf(JsonElement root)
        => root.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private static bool IsError(JsonElement root)
        => (root.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null) || TypeOf(root) == "error";

    private byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        Write(json);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
