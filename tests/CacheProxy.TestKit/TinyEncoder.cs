using System.Runtime.InteropServices;
using System.Text;

namespace CacheProxy.TestKit;

/// <summary>
/// Writes an encoder of one layer, a look-up of each token's vector, as an ONNX file: enough to see what is done with inputs, outputs and
/// pooling. Field numbers are those of onnx.proto.
/// </summary>
public static class TinyEncoder
{
    public const int Dimensions = 4;

    private const int Float = 1, Int64 = 7;

    /// <summary>The vector of a token.</summary>
    public static float[] Row(int token) => [1 + (token % 7), token % 3, token % 5, -1];

    public static void Write(string path, string[] inputs, string output, int vocabulary = 30_522)
    {
        float[] table = [.. Enumerable.Range(0, vocabulary).SelectMany(Row)];
        byte[] node = [.. Text(1, "table"), .. Text(1, inputs[0]), .. Text(2, output), .. Text(4, "Gather")];
        byte[] initializer =
        [
            .. Number(1, vocabulary), .. Number(1, Dimensions), .. Number(2, Float), .. Text(8, "table"), .. Bytes(9, MemoryMarshal.AsBytes(table.AsSpan()).ToArray()),
        ];
        byte[] graph =
        [
            .. Bytes(1, node), .. Text(2, "tiny"), .. Bytes(5, initializer),
            .. inputs.SelectMany(name => Bytes(11, Value(name, Int64, [null, null]))), .. Bytes(12, Value(output, Float, [null, null, Dimensions])),
        ];
        File.WriteAllBytes(path, [.. Number(1, 8), .. Bytes(7, graph), .. Bytes(8, Number(2, 13))]);
    }

    private static byte[] Value(string name, int type, int?[] shape)
    {
        byte[] dimensions = [.. shape.SelectMany((size, i) => Bytes(1, size is { } fixedSize ? Number(1, fixedSize) : Text(2, $"d{i}")))];
        return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Number(1, type), .. Bytes(2, dimensions)]))];
    }

    private static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] content) => [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (uint rest = (uint)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                bytes.Add((byte)rest);
                return [.. bytes];
            }

            bytes.Add((byte)(rest | 0x80));
        }
    }
}
