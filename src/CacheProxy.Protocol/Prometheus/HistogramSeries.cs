using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Counts per bucket, the sum, and the last traced measurement of each bucket.</summary>
internal sealed class HistogramSeries(byte[] labels, HistogramBounds bounds, TimeProvider clock) : Series(labels)
{
    private readonly DateTimeOffset _created = clock.GetUtcNow();
    private readonly long[] _counts = new long[bounds.BucketCount];
    private readonly Exemplar?[] _exemplars = new Exemplar?[bounds.BucketCount];
    private double _sum;

    public override void Record(long value) => Record((double)value);

    public override void Record(double value)
    {
        int bucket = bounds.BucketOf(value);
        Interlocked.Increment(ref _counts[bucket]);
        Add(ref _sum, value);
        Exemplar.Offer(ref _exemplars[bucket], value, clock);
    }

    public override void Write(IBufferWriter<byte> output, byte[] name, MetricsFormat format)
    {
        long below = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            below += Interlocked.Read(ref _counts[i]);
            ExpositionText.WriteName(output, name, "_bucket"u8, Labels, bounds.LabelOf(i, format));
            ExpositionText.WriteNumber(output, below);
            WriteEnd(output, format, Volatile.Read(ref _exemplars[i]));
        }

        ExpositionText.WriteName(output, name, "_sum"u8, Labels);
        ExpositionText.WriteNumber(output, Volatile.Read(ref _sum));
        ExpositionText.WriteLine(output);
        // Not a counter of its own: it must equal the last bucket, also while others record.
        ExpositionText.WriteName(output, name, "_count"u8, Labels);
        ExpositionText.WriteNumber(output, below);
        ExpositionText.WriteLine(output);
        WriteCreated(output, name, format, _created);
    }
}
