using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Adds up what is recorded; whole numbers exactly.</summary>
/// <param name="isMonotonic">Drops negative increments: a counter that falls would count as a restart.</param>
internal sealed class SumSeries(byte[] labels, bool isMonotonic) : Series(labels)
{
    private long _whole;
    private double _rest;

    public override void Record(long value)
    {
        if (value >= 0 || !isMonotonic)
        {
            Interlocked.Add(ref _whole, value);
        }
    }

    public override void Record(double value)
    {
        if (value >= 0 || !isMonotonic)
        {
            Add(ref _rest, value);
        }
    }

    public override void Write(IBufferWriter<byte> output, byte[] name)
    {
        double rest = Volatile.Read(ref _rest);
        long whole = Interlocked.Read(ref _whole);
        ExpositionText.WriteName(output, name, "", Labels);
        if (rest == 0)
        {
            ExpositionText.WriteValue(output, whole);
        }
        else
        {
            ExpositionText.WriteValue(output, whole + rest);
        }
    }
}
