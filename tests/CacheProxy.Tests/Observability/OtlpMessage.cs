using System.Buffers.Binary;
using System.Text;

namespace CacheProxy.Tests.Observability;

/// <summary>A protobuf message without its schema: fields by their numbers, as opentelemetry-proto's files have them.</summary>
internal sealed class OtlpMessage
{
    private readonly List<(int Field, byte[] Bytes, ulong Number)> _fields = [];

    /// <exception cref="FormatException">It is none.</exception>
    public static OtlpMessage Parse(ReadOnlySpan<byte> bytes)
    {
        var message = new OtlpMessage();
        while (!bytes.IsEmpty)
        {
            ulong key = Varint(ref bytes);
            switch (key & 7)
            {
                case 0:
                    message._fields.Add(((int)(key >> 3), [], Varint(ref bytes)));
                    break;
                case 1:
                    message._fields.Add(((int)(key >> 3), [], BinaryPrimitives.ReadUInt64LittleEndian(bytes)));
                    bytes = bytes[8..];
                    break;
                case 2:
                    int length = (int)Varint(ref bytes);
                    message._fields.Add(((int)(key >> 3), bytes[..length].ToArray(), 0));
                    bytes = bytes[length..];
                    break;
                case 5:
                    message._fields.Add(((int)(key >> 3), [], BinaryPrimitives.ReadUInt32LittleEndian(bytes)));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new FormatException("an unknown wire type");
            }
        }

        return message;
    }

    /// <summary>Messages along a path of field numbers.</summary>
    public IEnumerable<OtlpMessage> All(params ReadOnlySpan<int> path)
    {
        IEnumerable<OtlpMessage> found = [this];
        foreach (int field in path)
        {
            found = [.. found.SelectMany(message => message._fields.Where(f => f.Field == field).Select(f => Parse(f.Bytes)))];
        }

        return found;
    }

    public byte[] Bytes(int field) => _fields.Find(f => f.Field == field).Bytes ?? [];

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public ulong Number(int field) => _fields.Find(f => f.Field == field).Number;

    /// <summary>Of a list of key and value: text, or a number.</summary>
    public string? Attribute(int field, string key)
    {
        OtlpMessage? value = All(field).FirstOrDefault(attribute => attribute.Text(1) == key)?.All(2).First();
        return value is null ? null : value.Bytes(1).Length > 0 ? value.Text(1) : value.Number(3).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }
}
