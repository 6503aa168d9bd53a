using System.Buffers;
using System.Globalization;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>The pieces that Prometheus' text format 0.0.4 and OpenMetrics 1.0 are made of. Source: prometheus.io, "Exposition formats"; the OpenMetrics specification.</summary>
internal static class ExpositionText
{
    public static string EscapeHelp(string text)
        => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string EscapeLabelValue(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>Up to and with the space in front of the value.</summary>
    /// <param name="labels">Without braces; may be empty.</param>
    /// <param name="last">One more label; may be empty.</param>
    public static void WriteName(IBufferWriter<byte> output, byte[] name, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> last = default)
    {
        output.Write(name);
        output.Write(suffix);
        if (!labels.IsEmpty || !last.IsEmpty)
        {
            output.Write("{"u8);
            output.Write(labels);
            output.Write(labels.IsEmpty || last.IsEmpty ? ""u8 : ","u8);
            output.Write(last);
            output.Write("}"u8);
        }

        output.Write(" "u8);
    }

    public static void WriteNumber(IBufferWriter<byte> output, long value)
    {
        Span<byte> digits = output.GetSpan(32);
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    public static void WriteNumber(IBufferWriter<byte> output, double value)
    {
        if (double.IsInfinity(value))
        {
            output.Write(value > 0 ? "+Inf"u8 : "-Inf"u8);
            return;
        }

        Span<byte> digits = output.GetSpan(40);
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        output.Advance(length);
    }

    public static void WriteLine(IBufferWriter<byte> output) => output.Write("\n"u8);

    /// <summary>Since 1970, milliseconds exactly.</summary>
    public static double ToSeconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;
}
