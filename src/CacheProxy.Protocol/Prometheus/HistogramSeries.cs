using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Counts per bucket, and the sum.</summary>
internal sealed class HistogramSeries(byte[] labels, HistogramBounds bounds) : Series(labels)
{
    private readonly long[] _counts = new long[bounds.BucketCount];
    private double _sum;

    public override void Record(long value) => Record((double)value);

    public override void Record(double value)
    {
        Interlocked.Increment(ref _counts[bounds.BucketOf(value)]);
        Add(ref _sum, value);
    }

    public override void Write(IBufferWriter<byte> output, byte[] name)
    {
        long below = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            below += Interlocked.Read(ref _counts[i]);
            ExpositionText.WriteName(output, name, "_bucket", Labels, bounds.LabelOf(i));
            ExpositionText.WriteValue(output, below);
        }

        ExpositionText.WriteName(output, name, "_sum", Labels);
        ExpositionText.WriteValue(output, Volatile.Read(ref _sum));
        // Not a counter of its own: it must equal the last bucket, also while others record.
        ExpositionText.WriteName(output, name, "_count", Labels);
        ExpositionText.WriteValue(output, below);
    }
}
