using System.Buffers.Binary;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Stores.Codec;

namespace CacheProxy.Stores.Redis;

// 0  2  "RH"
// 2  2  bytes of the fields, little endian
// 4  n  fields: text id, scope, namespace, model; int created, UTC ticks; text user id or null, prefix id or null; list of tags
//       then the entry, as EntryCodec has it

/// <summary>
/// What selectors name, in front of every value: a walk over all entries reads these few bytes of each (GETRANGE) and not its answer.
/// </summary>
internal static class RedisHead
{
    /// <summary>Holds all but the longest heads, so that one read is enough.</summary>
    public const int UsualBytes = 512;

    private const int FrameBytes = 4;

    private static readonly CanonicalAnswer NoAnswer = new()
    {
        UpstreamId = "",
        Model = "",
        CreatedUnixSeconds = 0,
        Events = [],
        Body = new RecordedBody(default, false, false, "", default),
    };

    private static ReadOnlySpan<byte> Magic => "RH"u8;

    /// <summary>Head and entry as they are stored.</summary>
    public static byte[] Encode(CacheEntry entry)
    {
        var writer = new PayloadWriter(UsualBytes);
        try
        {
            writer.Text(entry.Id);
            writer.Text(entry.Scope);
            writer.Text(entry.Namespace);
            writer.Text(entry.Model);
            writer.Varint(entry.CreatedAt.UtcTicks);
            writer.Text(entry.UserId);
            writer.Text(entry.PrefixId);
            writer.Varint(entry.Tags.Count);
            foreach (string tag in entry.Tags)
            {
                writer.Text(tag);
            }

            byte[] value = [.. Magic, 0, 0, .. writer.Written, .. EntryCodec.Encode(entry)];
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(2), checked((ushort)writer.Written.Length));
            return value;
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>The entry behind the head; null when the bytes are not a value that this version wrote.</summary>
    public static CacheEntry? Decode(ReadOnlySpan<byte> value, Fingerprint256 fingerprint)
        => LengthOf(value) is { } length && value.Length >= length ? EntryCodec.Decode(value[length..], fingerprint) : null;

    /// <summary>Bytes of the head; null: there is none.</summary>
    public static int? LengthOf(ReadOnlySpan<byte> value)
        => value.Length >= FrameBytes && value.StartsWith(Magic) ? FrameBytes + BinaryPrimitives.ReadUInt16LittleEndian(value[2..]) : null;

    /// <summary>An entry without its answer, to be asked whether a selector matches it; null: the head is cut or damaged.</summary>
    public static CacheEntry? Read(ReadOnlySpan<byte> value, Fingerprint256 fingerprint)
    {
        if (LengthOf(value) is not { } length || value.Length < length)
        {
            return null;
        }

        var reader = new PayloadReader(value[FrameBytes..length]);
        var entry = new CacheEntry
        {
            Fingerprint = fingerprint,
            Id = reader.RequiredText(),
            Scope = reader.RequiredText(),
            Namespace = reader.RequiredText(),
            Model = reader.RequiredText(),
            CreatedAt = Instant(ref reader),
            UserId = reader.Text(),
            PrefixId = reader.Text(),
            Tags = ReadTags(ref reader),
            TtlSeconds = 0,
            Answer = NoAnswer,
        };
        return reader.EndedWell ? entry : null;
    }

    private static DateTimeOffset Instant(ref PayloadReader reader)
    {
        long ticks = reader.Varint();
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : default;
    }

    private static string[] ReadTags(ref PayloadReader reader)
    {
        string[] tags = new string[reader.Count()];
        for (int i = 0; i < tags.Length; i++)
        {
            tags[i] = reader.RequiredText();
        }

        return tags;
    }
}
