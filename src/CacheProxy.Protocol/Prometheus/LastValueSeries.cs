using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Keeps what was recorded last.</summary>
/// <param name="isCounter">A total that somebody else keeps: when it began is not known.</param>
internal sealed class LastValueSeries(byte[] labels, bool isCounter) : Series(labels)
{
    private double _value;

    public override void Record(long value) => Record((double)value);

    public override void Record(double value) => Volatile.Write(ref _value, value);

    public override void Write(IBufferWriter<byte> output, byte[] name, MetricsFormat format)
    {
        ExpositionText.WriteName(output, name, isCounter ? Total : default, Labels);
        ExpositionText.WriteNumber(output, Volatile.Read(ref _value));
        ExpositionText.WriteLine(output);
    }
}
