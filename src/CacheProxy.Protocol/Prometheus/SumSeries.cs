using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Adds up what is recorded; whole numbers exactly.</summary>
/// <param name="isMonotonic">Drops negative increments: a counter that falls would count as a restart.</param>
internal sealed class SumSeries(byte[] labels, bool isMonotonic, TimeProvider clock) : Series(labels)
{
    private readonly DateTimeOffset _created = clock.GetUtcNow();
    private long _whole;
    private double _rest;
    private Exemplar? _exemplar;

    public override void Record(long value)
    {
        if (value >= 0 || !isMonotonic)
        {
            Interlocked.Add(ref _whole, value);
            Offer(value);
        }
    }

    public override void Record(double value)
    {
        if (value >= 0 || !isMonotonic)
        {
            Add(ref _rest, value);
            Offer(value);
        }
    }

    public override void Write(IBufferWriter<byte> output, byte[] name, MetricsFormat format)
    {
        double rest = Volatile.Read(ref _rest);
        long whole = Interlocked.Read(ref _whole);
        ExpositionText.WriteName(output, name, isMonotonic ? Total : default, Labels);
        if (rest == 0)
        {
            ExpositionText.WriteNumber(output, whole);
        }
        else
        {
            ExpositionText.WriteNumber(output, whole + rest);
        }

        WriteEnd(output, format, Volatile.Read(ref _exemplar));
        if (isMonotonic)
        {
            WriteCreated(output, name, format, _created);
        }
    }

    // Only counters may have one.
    private void Offer(double value)
    {
        if (isMonotonic)
        {
            Exemplar.Offer(ref _exemplar, value, clock);
        }
    }
}
