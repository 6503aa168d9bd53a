using System.Text;

namespace CacheProxy.Protocol.Sse;

/// <summary>One server-sent event. Its spans point into the parser's buffers: valid until the parser is called again.</summary>
public readonly ref struct SseEvent
{
    /// <summary>Value of the last <c>event:</c> line; empty: the default type <c>message</c>.</summary>
    public ReadOnlySpan<byte> Type { get; init; }

    /// <summary>The <c>data:</c> lines, joined with LF.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>The last id that the stream gave, also by an earlier event; empty: none.</summary>
    public ReadOnlySpan<byte> LastEventId { get; init; }

    /// <summary>The sentinel that ends an OpenAI stream.</summary>
    public bool IsDone => Data.SequenceEqual("[DONE]"u8);

    public string DataText => Encoding.UTF8.GetString(Data);
}
