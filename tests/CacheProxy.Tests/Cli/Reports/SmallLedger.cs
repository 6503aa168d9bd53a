using CacheProxy.Cli.Reports;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tests.Ledger;

namespace CacheProxy.Tests.Cli.Reports;

/// <summary>Three days of two tenants around a change of the clocks, with figures small enough to add up by hand.</summary>
internal static class SmallLedger
{
    public static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    /// <summary>Three local days; the second has 23 hours.</summary>
    public static readonly ReportRange Range = new(At("2026-03-27T23:00Z"), At("2026-03-30T22:00Z"), Berlin, null);

    private static readonly ModelPrice Price = new() { Model = "small", Provider = "p", Input = 1_000_000, Output = 2_000_000, CachedInput = 100_000, Source = "test" };

    public static NaiveLedger Fill()
    {
        var ledger = new NaiveLedger();
        for (int i = 0; i < 6; i++)
        {
            // 1,000 prompt and 500 completion tokens: 2,000,000 nanodollars. One of them searched too, for nobody knows how much.
            var usage = new TokenCounts(1000, 500) { CachedRead = i < 4 ? 256 * i : -1, Extras = i == 0 ? UsageExtras.HostedTools : UsageExtras.None };
            ledger.Add(Miss("2026-03-28T10:00Z", "support", "small", "main") with { Usage = usage, Price = Price, Paid = new Money(2_000_000), PredictedCachedTokens = i == 0 ? -1 : 300 });
        }

        for (int i = 0; i < 12; i++)
        {
            ledger.Add(Miss("2026-03-28T10:00Z", "support", "small", "main") with
            {
                Time = At(i < 6 ? "2026-03-28T22:59:59Z" : "2026-03-28T23:00Z"),
                Outcome = i < 9 ? CacheOutcome.Exact : CacheOutcome.Semantic,
                Upstream = null,
                Saved = new TokenCounts(1000, 500),
                Price = Price,
                Avoided = new Money(2_000_000),
                Overhead = new Money(i < 9 ? 0 : 40),
                FirstByteSeconds = 0.002,
                TotalSeconds = 0.003,
                MissSeconds = 1.003,
                Similarity = i < 9 ? 0 : 0.97f,
            });
        }

        for (int i = 0; i < 20; i++)
        {
            ledger.Add(Miss("2026-03-29T21:59:59Z", "search <b>", "home-made", "warm") with
            {
                Outcome = CacheOutcome.Bypass,
                Reason = BypassReason.Temperature,
                Usage = new TokenCounts(10, 5),
                Paid = null,
            });
        }

        ledger.Add(Miss("2026-03-30T08:00Z", "support", "", "") with { Outcome = CacheOutcome.None, Status = 400, Upstream = null });
        ledger.Add(Miss("2026-03-30T08:00Z", "support", "small", "main") with { Work = LedgerWork.Audit, Usage = new TokenCounts(1000, 500), Price = Price, Paid = new Money(2_000_000) });
        // Just outside.
        ledger.Add(Miss("2026-03-27T22:59:59Z", "support", "small", "main") with { Usage = new TokenCounts(1000, 500), Price = Price, Paid = new Money(2_000_000) });
        ledger.Add(Miss("2026-03-30T22:00Z", "support", "small", "main") with { Usage = new TokenCounts(1000, 500), Price = Price, Paid = new Money(2_000_000) });
        return ledger;
    }

    public static void AddFindings(string folder)
    {
        using FindingsFile file = new(Path.Combine(folder, FindingsFile.FileName));
        var scope = new FindingScope("support", new string('a', 64), "small", "main");
        var day = new DateOnly(2026, 3, 28);
        var batch = new FindingsBatch();
        batch.Add(day, new VolatilePrefix
        {
            Scope = scope,
            Class = VolatileClass.DateTime,
            Place = 7,
            Prompts = 40,
            Tokens = 20_000,
            Nanodollars = 18_000_000,
            Unpriced = 0,
            Seconds = 12.5,
            Example = new Snippet("system It is now 10:05:34. <You> & \"me\"", 17, 8),
        }, default);
        batch.Add(day, new NearMissPair
        {
            Scope = scope,
            Asked = default,
            Stored = Print(1),
            Count = 3,
            Similarity = 0.9312f,
            Reason = "guarded",
            Guard = "numbers",
            AskedText = "What is 25% of 80?",
            StoredText = "What is 15% of 80?",
        });
        batch.Add(day, new NearMissPair
        {
            Scope = scope,
            Asked = default,
            Stored = Print(2),
            Count = 6,
            Similarity = 0.95f,
            Probability = 0.8,
            Threshold = 0.83,
            Reason = "below_threshold",
        });
        batch.Add(day, new ExpiredAnswers { Scope = scope, TtlSeconds = 3600, AgeSeconds = 4096, Same = 9, Different = 1, Nanodollars = 18_000_000, Unpriced = 0, Seconds = 9 });
        batch.Add(day, new ExpiredAnswers { Scope = scope, TtlSeconds = 3600, AgeSeconds = 8192, Same = 1, Different = 8, Nanodollars = 2_000_000, Unpriced = 0, Seconds = 1 });
        var warm = new FindingScope("search <b>", new string('b', 64), "home-made", "warm");
        for (int i = 0; i < 20; i++)
        {
            batch.Miss(day, warm, "bypass", "temperature");
        }

        file.Add(batch);
    }

    private static Fingerprint256 Print(byte last)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        bytes[^1] = last;
        return new Fingerprint256(bytes);
    }

    private static LedgerRow Miss(string time, string tenant, string model, string route) => new()
    {
        Time = At(time),
        Tenant = tenant,
        Model = model,
        Route = route,
        Upstream = "u",
        Dialect = Dialect.OpenAIChat,
        Outcome = CacheOutcome.Miss,
        Status = 200,
        FirstByteSeconds = 0.4,
        TotalSeconds = 1,
        RequestBytes = 100,
        AnswerBytes = 200,
    };

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
}
