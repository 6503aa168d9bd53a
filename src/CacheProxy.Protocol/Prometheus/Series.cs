using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>The value of one metric for one label set. Recorded by any thread, without a lock.</summary>
/// <param name="labels">As text, escaped, without braces.</param>
internal abstract class Series(byte[] labels)
{
    protected static ReadOnlySpan<byte> Total => "_total"u8;

    protected byte[] Labels => labels;

    public abstract void Record(long value);

    public abstract void Record(double value);

    /// <param name="name">Of the family: without what its samples end in.</param>
    public abstract void Write(IBufferWriter<byte> output, byte[] name, MetricsFormat format);

    protected static void WriteEnd(IBufferWriter<byte> output, MetricsFormat format, Exemplar? exemplar)
    {
        if (format == MetricsFormat.OpenMetrics)
        {
            exemplar?.Write(output);
        }

        ExpositionText.WriteLine(output);
    }

    protected void WriteCreated(IBufferWriter<byte> output, byte[] name, MetricsFormat format, DateTimeOffset created)
    {
        if (format == MetricsFormat.OpenMetrics)
        {
            ExpositionText.WriteName(output, name, "_created"u8, labels);
            ExpositionText.WriteNumber(output, ExpositionText.ToSeconds(created));
            ExpositionText.WriteLine(output);
        }
    }

    protected static void Add(ref double sum, double value)
    {
        double seen = Volatile.Read(ref sum);
        while (true)
        {
            double before = Interlocked.CompareExchange(ref sum, seen + value, seen);
            if (BitConverter.DoubleToInt64Bits(before) == BitConverter.DoubleToInt64Bits(seen))
            {
                return;
            }

            seen = before;
        }
    }
}
