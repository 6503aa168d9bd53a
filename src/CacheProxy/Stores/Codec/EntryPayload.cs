using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Stores.Codec;

// text = see PayloadWriter.Text; int = varint; list = varint count, then the items
//
//   32 bytes  fingerprint
//   text      id, scope, namespace
//   list      tags: text
//   text      model
//   int       created, UTC ticks
//   int       TTL: seconds
//   byte      the request asked for the TTL
//   int       stale-while-revalidate, stale-if-error, kept stale: seconds
//   8 bytes   seconds the miss took, IEEE double
//   8 bytes   seconds of a machine that it took, IEEE double; not a number: none
//   text      prefix id or null
//   text      user id or null
//   text      upstream id, answer's model
//   int       created, as the upstream said, Unix seconds
//   text      system fingerprint or null
//   byte      the body says the events
//             0: list of events, see AnswerEvents
//             1: byte traits
//   int       tokens: prompt, completion, read from cache, written to cache, written for an hour, reasoning; each one larger, 0: unknown
//   byte      what else was charged for
//   byte      service tier
//   byte      body's dialect
//   byte      body is a stream
//   byte      stream carries usage
//   text      content type
//   bytes     body: varint length, then the bytes

/// <summary>The fields of an entry in the order of the layout.</summary>
internal static class EntryPayload
{
    // Far enough from the calendar's end that the longest lifetimes (68 years each) can be added to it.
    private static readonly DateTimeOffset LatestInstant = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(ref PayloadWriter writer, CacheEntry entry)
    {
        entry.Fingerprint.CopyTo(writer.Fixed(Fingerprint256.SizeBytes));
        writer.Text(entry.Id);
        writer.Text(entry.Scope);
        writer.Text(entry.Namespace);
        writer.Varint(entry.Tags.Count);
        foreach (string tag in entry.Tags)
        {
            writer.Text(tag);
        }

        writer.Text(entry.Model);
        writer.Varint(entry.CreatedAt.UtcTicks);
        writer.Varint(entry.TtlSeconds);
        writer.Byte(entry.HasAskedTtl ? (byte)1 : (byte)0);
        writer.Varint(entry.StaleWhileRevalidateSeconds);
        writer.Varint(entry.StaleIfErrorSeconds);
        writer.Varint(entry.KeepStaleSeconds);
        writer.Double(entry.MissDurationSeconds);
        writer.Double(entry.MachineSeconds ?? double.NaN);
        writer.Text(entry.PrefixId);
        writer.Text(entry.UserId);
        WriteAnswer(ref writer, entry.Answer);
    }

    /// <summary>Null when a field does not fit; the caller also checks that nothing is left over.</summary>
    public static CacheEntry? Read(ref PayloadReader reader)
    {
        ReadOnlySpan<byte> fingerprint = reader.Fixed(Fingerprint256.SizeBytes);
        if (fingerprint.IsEmpty)
        {
            return null;
        }

        // Initialisers run in the order they are written in: the order of the layout.
        var entry = new CacheEntry
        {
            Fingerprint = new Fingerprint256(fingerprint),
            Id = reader.RequiredText(),
            Scope = SharedText.Of(reader.RequiredText()),
            Namespace = SharedText.Of(reader.RequiredText()),
            Tags = ReadTags(ref reader),
            Model = SharedText.Of(reader.RequiredText()),
            CreatedAt = ReadInstant(ref reader),
            TtlSeconds = reader.Int32(),
            HasAskedTtl = reader.Flag(),
            StaleWhileRevalidateSeconds = reader.Int32(),
            StaleIfErrorSeconds = reader.Int32(),
            KeepStaleSeconds = reader.Int32(),
            MissDurationSeconds = reader.Double(),
            MachineSeconds = reader.Double() is var machine && double.IsNaN(machine) ? null : machine,
            PrefixId = reader.Text(),
            UserId = reader.Text(),
            Answer = ReadAnswer(ref reader),
        };
        return reader.Failed ? null : entry;
    }

    private static void WriteAnswer(ref PayloadWriter writer, CanonicalAnswer answer)
    {
        writer.Text(answer.UpstreamId);
        writer.Text(answer.Model);
        writer.Varint(answer.CreatedUnixSeconds);
        writer.Text(answer.SystemFingerprint);
        WriteEvents(ref writer, answer);
        TokenFields.Write(ref writer, answer.Tokens);

        writer.Byte((byte)answer.Body.Dialect);
        writer.Byte(answer.Body.IsStream ? (byte)1 : (byte)0);
        writer.Byte(answer.Body.IncludesUsage ? (byte)1 : (byte)0);
        writer.Text(answer.Body.ContentType);
        writer.Bytes(answer.Body.Bytes.Span);
    }

    private static void WriteEvents(ref PayloadWriter writer, CanonicalAnswer answer)
    {
        writer.Byte(answer.ListedEvents is null ? (byte)1 : (byte)0);
        if (answer.ListedEvents is not { } events)
        {
            writer.Byte((byte)answer.Traits);
            return;
        }

        writer.Varint(events.Count);
        foreach (AnswerEvent step in events)
        {
            AnswerEvents.Write(ref writer, step);
        }
    }

    private static CanonicalAnswer ReadAnswer(ref PayloadReader reader)
    {
        string upstreamId = reader.RequiredText(), model = reader.RequiredText();
        long created = reader.Varint();
        string? systemFingerprint = reader.Text();
        bool isInBody = reader.Flag();
        AnswerTraits traits = isInBody ? ReadTraits(ref reader) : default;
        List<AnswerEvent>? events = isInBody ? null : ReadEvents(ref reader);
        TokenCounts tokens = TokenFields.Read(ref reader);
        var body = new RecordedBody(ReadDialect(ref reader), reader.Flag(), reader.Flag(), SharedText.Of(reader.RequiredText()), reader.Bytes().ToArray());
        var answer = new CanonicalAnswer
        {
            UpstreamId = upstreamId,
            Model = SharedText.Of(model),
            CreatedUnixSeconds = created,
            SystemFingerprint = systemFingerprint,
            Traits = traits,
            Tokens = tokens,
            Body = body,
        };
        return events is null ? answer : answer with { Events = events, Tokens = tokens };
    }

    private static AnswerTraits ReadTraits(ref PayloadReader reader)
    {
        var traits = (AnswerTraits)reader.Byte();
        if ((traits & ~(AnswerTraits.ToolCalls | AnswerTraits.Truncated)) != 0)
        {
            reader.Fail();
        }

        return traits;
    }

    private static string[] ReadTags(ref PayloadReader reader)
    {
        int count = reader.Count();
        string[] tags = count == 0 ? [] : new string[count];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            tags[i] = reader.RequiredText();
        }

        return tags;
    }

    private static List<AnswerEvent> ReadEvents(ref PayloadReader reader)
    {
        int count = reader.Count();
        var events = new List<AnswerEvent>(Math.Min(count, 4096));
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            if (AnswerEvents.Read(ref reader) is { } step)
            {
                events.Add(step);
            }
        }

        return events;
    }

    private static Dialect ReadDialect(ref PayloadReader reader)
    {
        var dialect = (Dialect)reader.Byte();
        if (!Enum.IsDefined(dialect))
        {
            reader.Fail();
        }

        return dialect;
    }

    private static DateTimeOffset ReadInstant(ref PayloadReader reader)
    {
        long ticks = reader.Varint();
        if (ticks < 0 || ticks > LatestInstant.UtcTicks)
        {
            reader.Fail();
            return default;
        }

        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }
}
