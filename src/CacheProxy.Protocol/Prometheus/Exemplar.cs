using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>One measurement with the span that it was made in: the way from a metric to a trace.</summary>
internal sealed class Exemplar(Activity span, double value, DateTimeOffset time)
{
    // A new one would hardly be looked at sooner; so tracing costs one object a second and bucket, not one a measurement.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    /// <summary>Puts the measurement in the slot if its span is recorded and the one there is old enough. Costs one read where nothing is traced.</summary>
    public static void Offer(ref Exemplar? slot, double value, TimeProvider clock)
    {
        if (Activity.Current is not { Recorded: true } span)
        {
            return;
        }

        DateTimeOffset now = clock.GetUtcNow();
        if (Volatile.Read(ref slot) is not { } present || now - present.Time >= Lifetime)
        {
            Volatile.Write(ref slot, new Exemplar(span, value, now));
        }
    }

    private DateTimeOffset Time => time;

    private readonly ActivityTraceId _trace = span.TraceId;
    private readonly ActivitySpanId _span = span.SpanId;

    /// <summary><c> # {trace_id="…",span_id="…"} value time</c>, without the end of the line.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        Encoding.UTF8.GetBytes($" # {{trace_id=\"{_trace.ToHexString()}\",span_id=\"{_span.ToHexString()}\"}} ", output);
        ExpositionText.WriteNumber(output, value);
        output.Write(" "u8);
        ExpositionText.WriteNumber(output, ExpositionText.ToSeconds(time));
    }
}
