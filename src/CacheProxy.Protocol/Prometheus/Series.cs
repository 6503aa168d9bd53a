using System.Buffers;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>The value of one metric for one label set. Recorded by any thread, without a lock.</summary>
/// <param name="labels">As text, escaped, without braces.</param>
internal abstract class Series(byte[] labels)
{
    protected byte[] Labels => labels;

    public abstract void Record(long value);

    public abstract void Record(double value);

    public abstract void Write(IBufferWriter<byte> output, byte[] name);

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
