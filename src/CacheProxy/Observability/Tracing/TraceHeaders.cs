using System.Diagnostics;

namespace CacheProxy.Observability.Tracing;

/// <summary>
/// W3C's trace context on the wire. What the client sent goes on to the upstream as it is where nothing is traced here; where a request is traced, the upstream's
/// parent is the span that asks it. <c>baggage</c> is never read, and never changed.
/// </summary>
public static class TraceHeaders
{
    public const string Parent = "traceparent";
    public const string State = "tracestate";
    public const string Baggage = "baggage";

    /// <returns>Default: none, several, or one that cannot be read, which the standard has us treat as none.</returns>
    public static ActivityContext Read(IHeaderDictionary headers)
        => headers[Parent] is { Count: 1 } parent && ActivityContext.TryParse(parent, headers[State], isRemote: true, out ActivityContext context) ? context : default;

    /// <summary>A span as the value of <see cref="Parent"/>.</summary>
    public static string Format(in ActivityContext span) => $"00-{span.TraceId.ToHexString()}-{span.SpanId.ToHexString()}-{(int)span.TraceFlags:x2}";

    /// <returns>Default: it cannot be read.</returns>
    public static ActivityContext Parse(string? parent) => ActivityContext.TryParse(parent, null, isRemote: true, out ActivityContext context) ? context : default;

    /// <summary>Puts the current span's in place of the client's; leaves these where no span is current.</summary>
    public static void Write(HttpRequestMessage request)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } span)
        {
            return;
        }

        request.Headers.Remove(Parent);
        request.Headers.Remove(State);
        request.Headers.TryAddWithoutValidation(Parent, id);
        if (span.TraceStateString is { Length: > 0 } state)
        {
            request.Headers.TryAddWithoutValidation(State, state);
        }
    }
}
