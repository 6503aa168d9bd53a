using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>Keeps what was recorded last.</summary>
internal sealed class LastValueSeries(byte[] labels) : Series(labels)
{
    private double _value;

    public override void Record(long value) => Record((double)value);

    public override void Record(double value) => Volatile.Write(ref _value, value);

    public override void Write(IBufferWriter<byte> output, byte[] name)
    {
        ExpositionText.WriteName(output, name, "", Labels);
        ExpositionText.WriteValue(output, Volatile.Read(ref _value));
    }
}
