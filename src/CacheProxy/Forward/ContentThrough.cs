using System.Net;
using CacheProxy.Exchange.Replay;

namespace CacheProxy.Forward;

/// <summary>An answer's body, read through streams of our own. Without its headers: they have been copied to the client's answer before.</summary>
/// <param name="limit">How long the next byte may take to come; null: it has its limit elsewhere.</param>
/// <param name="tap">Reads the usage; null: there is none to read.</param>
/// <param name="filter">Takes the usage out of what is read; null: it stays.</param>
internal sealed class ContentThrough(HttpContent inner, TimeSpan? limit, TimeProvider clock, UsageTap? tap, UsageFilter? filter) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync()
    {
        Stream body = await inner.ReadAsStreamAsync();
        Stream timed = limit is { } longest ? new TimedStream(body, longest, clock) : body;
        return tap is null ? timed : new UsageStream(timed, tap, filter);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("It is read, never written.");

    protected override bool TryComputeLength(out long length)
    {
        length = inner.Headers.ContentLength ?? 0;
        return inner.Headers.ContentLength is not null && filter is null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
