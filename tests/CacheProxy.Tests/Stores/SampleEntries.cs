using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Tests.Stores;

/// <summary>Entries for the stores' tests: plain ones, and random ones that use every field and every kind of event.</summary>
internal static class SampleEntries
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Fingerprint256 Fingerprint(int number)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        new Random(number).NextBytes(bytes);
        return new Fingerprint256(bytes);
    }

    public static CacheEntry Plain(int number, int bodyBytes = 500, int ttlSeconds = 3600, DateTimeOffset? createdAt = null) => new()
    {
        Id = number.ToString("x32"),
        Fingerprint = Fingerprint(number),
        Scope = "scope",
        Namespace = "default",
        Model = "smollm2-135m-instruct",
        CreatedAt = createdAt ?? Start,
        TtlSeconds = ttlSeconds,
        Answer = new CanonicalAnswer
        {
            UpstreamId = $"chatcmpl-{number}",
            Model = "smollm2-135m-instruct",
            CreatedUnixSeconds = 1_767_225_600,
            Events = [new AnswerEvent.TextDelta(0, "Paris."), new AnswerEvent.Finish(0, "stop")],
            Body = new RecordedBody(Dialect.OpenAIChat, false, false, "application/json", Body(number, bodyBytes)),
        },
    };

    public static CacheEntry Random(Random random) => new()
    {
        Id = Text(random),
        Fingerprint = Fingerprint(random.Next()),
        Scope = Text(random),
        Namespace = Text(random),
        Tags = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Text(random))],
        Model = Text(random),
        CreatedAt = Start.AddTicks(random.NextInt64(TimeSpan.TicksPerDay * 3650)),
        TtlSeconds = random.Next(),
        HasAskedTtl = random.Next(2) == 0,
        StaleWhileRevalidateSeconds = random.Next(100_000),
        StaleIfErrorSeconds = random.Next(100_000),
        KeepStaleSeconds = random.Next(100_000),
        MissDurationSeconds = random.NextDouble() * 100,
        PrefixId = Maybe(random),
        UserId = Maybe(random),
        Answer = new CanonicalAnswer
        {
            UpstreamId = Text(random),
            Model = Text(random),
            CreatedUnixSeconds = random.NextInt64(long.MinValue, long.MaxValue),
            SystemFingerprint = random.Next(2) == 0 ? null : Text(random),
            Events = [.. Enumerable.Range(0, random.Next(30)).Select(_ => Event(random))],
            Body = new RecordedBody(
                (Dialect)random.Next(5), random.Next(2) == 0, random.Next(2) == 0, Text(random), RandomBody(random)),
        },
    };

    private static byte[] Body(int number, int bytes)
    {
        string text = $"{{\"id\":\"chatcmpl-{number}\",\"object\":\"chat.completion\",\"text\":\"";
        return Encoding.UTF8.GetBytes(text.PadRight(Math.Max(bytes - 2, text.Length), 'x') + "\"}");
    }

    // Half of the bodies compress well, half do not at all.
    private static byte[] RandomBody(Random random)
    {
        byte[] body = new byte[random.Next(3) == 0 ? 0 : random.Next(5000)];
        if (random.Next(2) == 0)
        {
            random.NextBytes(body);
        }

        return body;
    }

    private static AnswerEvent Event(Random random) => random.Next(9) switch
    {
        0 => new AnswerEvent.TextDelta(random.Next(3), Text(random)),
        1 => new AnswerEvent.ReasoningDelta(random.Next(3), Text(random)),
        2 => new AnswerEvent.RefusalDelta(random.Next(3), Text(random)),
        3 => new AnswerEvent.ToolCallDelta(random.Next(3), random.Next(5), Maybe(random), Maybe(random), Text(random)),
        4 => new AnswerEvent.Annotation(random.Next(3), Text(random)),
        5 => new AnswerEvent.LogProbs(random.Next(3), Text(random)),
        6 => new AnswerEvent.Finish(random.Next(3), Text(random), Maybe(random)),
        7 => new AnswerEvent.Item(random.Next(3), Text(random), random.Next(2) == 0),
        _ => new AnswerEvent.Usage(Text(random), random.Next(-1, 100_000), random.Next(-1, 100_000), random.Next(100_000))
        {
            CacheWriteTokens = random.Next(100_000),
            CacheWriteHourTokens = random.Next(100_000),
            ReasoningTokens = random.Next(100_000),
            Extras = (UsageExtras)random.Next(8) | UsageExtras.Searches,
            Searches = random.Next(1, 300),
            Tier = (ServiceTier)random.Next(5),
        },
    };

    private static string? Maybe(Random random) => random.Next(2) == 0 ? null : Text(random);

    // ASCII, other scripts, whole surrogate pairs, and halves of pairs, which no UTF-8 can hold.
    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(20); i > 0; i--)
        {
            _ = random.Next(40) switch
            {
                0 => text.Append((char)random.Next(0xD800, 0xE000)),
                1 => text.Append(char.ConvertFromUtf32(random.Next(0x10000, 0x110000))),
                < 10 => text.Append((char)random.Next(0x80, 0xD800)),
                _ => text.Append((char)random.Next(0x80)),
            };
        }

        return text.ToString();
    }
}
