using System.Buffers;
using System.Globalization;
using System.Text;

namespace CacheProxy.Protocol.Prometheus;

/// <summary>The pieces of Prometheus' text format 0.0.4. Source: prometheus.io, "Exposition formats".</summary>
internal static class ExpositionText
{
    public static string EscapeHelp(string text)
        => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    public static string EscapeLabelValue(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>Up to and with the space in front of the value.</summary>
    /// <param name="labels">Without braces; may be empty.</param>
    /// <param name="last">One more label; may be empty.</param>
    public static void WriteName(IBufferWriter<byte> output, byte[] name, string suffix, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> last = default)
    {
        output.Write(name);
        Encoding.UTF8.GetBytes(suffix, output);
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

    public static void WriteValue(IBufferWriter<byte> output, long value)
    {
        Span<byte> digits = output.GetSpan(32);
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        digits[length] = (byte)'\n';
        output.Advance(length + 1);
    }

    public static void WriteValue(IBufferWriter<byte> output, double value)
    {
        if (double.IsInfinity(value))
        {
            output.Write(value > 0 ? "+Inf\n"u8 : "-Inf\n"u8);
            return;
        }

        Span<byte> digits = output.GetSpan(40);
        value.TryFormat(digits, out int length, default, CultureInfo.InvariantCulture);
        digits[length] = (byte)'\n';
        output.Advance(length + 1);
    }
}
