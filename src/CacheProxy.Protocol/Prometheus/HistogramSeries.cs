using System.Buffers;
using System.Numerics;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>
/// Counts per bucket, the sum, and the last traced measurement of each bucket. Counted by each processor for itself, and added up when it is written: requests on two
/// processors would take a shared count's cache line from each other, some 100 ns each time.
/// </summary>
internal sealed class HistogramSeries(byte[] labels, HistogramBounds bounds, TimeProvider clock) : Series(labels)
{
    private readonly DateTimeOffset _created = clock.GetUtcNow();
    private readonly Stripe[] _stripes = Stripe.Make(bounds.BucketCount);
    private readonly Exemplar?[] _exemplars = new Exemplar?[bounds.BucketCount];

    public override void Record(long value) => Record((double)value);

    public override void Record(double value)
    {
        int bucket = bounds.BucketOf(value);
        Stripe stripe = _stripes[Thread.GetCurrentProcessorId() & (_stripes.Length - 1)];
        Interlocked.Increment(ref stripe.Counts[bucket]);
        Add(ref stripe.Sum, value);
        Exemplar.Offer(ref _exemplars[bucket], value, clock);
    }

    public override void Write(IBufferWriter<byte> output, byte[] name, MetricsFormat format)
    {
        long below = 0;
        for (int i = 0; i < bounds.BucketCount; i++)
        {
            foreach (Stripe stripe in _stripes)
            {
                below += Interlocked.Read(ref stripe.Counts[i]);
            }

            ExpositionText.WriteName(output, name, "_bucket"u8, Labels, bounds.LabelOf(i, format));
            ExpositionText.WriteNumber(output, below);
            WriteEnd(output, format, Volatile.Read(ref _exemplars[i]));
        }

        ExpositionText.WriteName(output, name, "_sum"u8, Labels);
        ExpositionText.WriteNumber(output, _stripes.Sum(stripe => Volatile.Read(ref stripe.Sum)));
        ExpositionText.WriteLine(output);
        // Not a counter of its own: it must equal the last bucket, also while others record.
        ExpositionText.WriteName(output, name, "_count"u8, Labels);
        ExpositionText.WriteNumber(output, below);
        ExpositionText.WriteLine(output);
        WriteCreated(output, name, format, _created);
    }

    private sealed class Stripe(int buckets)
    {
        private const int Most = 8;

        // Nobody else's within a cache line of the counts.
        private const int Apart = 8;

        public double Sum;

        public long[] Counts { get; } = new long[buckets + Apart];

        public static Stripe[] Make(int buckets)
        {
            var stripes = new Stripe[Math.Min(Most, (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount))];
            for (int i = 0; i < stripes.Length; i++)
            {
                stripes[i] = new Stripe(buckets);
            }

            return stripes;
        }
    }
}
