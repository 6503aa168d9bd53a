using System.Buffers;
using System.Text;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Protocol.Sse;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>One streamed response. Events are collected and go out with <see cref="FlushAsync"/>.</summary>
internal sealed class EventStream(HttpContext context)
{
    private readonly ArrayBufferWriter<byte> _json = new(512);

    public bool IsStarted { get; private set; }

    /// <summary>Sets the headers; from here on nothing can become a plain error.</summary>
    public void Start()
    {
        IsStarted = true;
        context.Response.ContentType = SseWriter.ContentType + "; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
    }

    /// <summary>Where to write the JSON of the next event, up to <see cref="End()"/>.</summary>
    public IBufferWriter<byte> Begin()
    {
        _json.ResetWrittenCount();
        return _json;
    }

    /// <param name="type">Goes in front of the data, in the dialects that name their events.</param>
    public void End(string type) => Write(type, _json.WrittenSpan);

    public void End() => SseWriter.WriteData(context.Response.BodyWriter, _json.WrittenSpan);

    /// <summary>The error that ends a stream midway. No [DONE] follows: the answer is not complete.</summary>
    public void WriteError(RequestError error) => SseWriter.WriteData(context.Response.BodyWriter, error.ToJson());

    public void WriteEvent(string type, byte[] data) => Write(type, data);

    public void WriteDone() => context.Response.BodyWriter.Write(SseWriter.Done);

    public async ValueTask FlushAsync() => await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);

    private void Write(string type, ReadOnlySpan<byte> data)
    {
        Span<byte> name = stackalloc byte[Encoding.UTF8.GetMaxByteCount(type.Length)];
        SseWriter.WriteEvent(context.Response.BodyWriter, name[..Encoding.UTF8.GetBytes(type, name)], data);
    }
}
