using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>
/// Requests of twelve days with known truth, the same for the same seed: eight tenants, models with and without a price, every outcome, background
/// work, missing usage, refusals and clients that leave; the clock is put back three hours on the way, and forward a day.
/// </summary>
internal sealed class SyntheticTraffic(int seed, int count, DateTimeOffset start)
{
    public static readonly DateTimeOffset Start = new(2026, 3, 22, 5, 17, 31, TimeSpan.Zero);

    private static readonly string[] Tenants = ["support", "search", "batch", "Zoë's team", "<b>&\"quoted\",", "0123456789abcdef", "fedcba9876543210", "nightly"];
    private static readonly (string Name, long Input, long Output, long? Cached)[] Models =
    [
        ("gpt-small", 150_000, 600_000, 75_000), ("gpt-large", 2_500_000, 10_000_000, 1_250_000), ("claude-x", 3_000_000, 15_000_000, 300_000), ("cheap", 1, 3, null),
        ("home-made", -1, -1, null), ("other/unpriced", -1, -1, null),
    ];

    private static readonly (CacheOutcome Outcome, double Share)[] Outcomes =
    [
        (CacheOutcome.Exact, 0.44), (CacheOutcome.Miss, 0.25), (CacheOutcome.Semantic, 0.12), (CacheOutcome.Collapsed, 0.06), (CacheOutcome.Bypass, 0.06),
        (CacheOutcome.Stale, 0.04), (CacheOutcome.None, 0.03),
    ];

    /// <summary>The clock after the last request.</summary>
    public DateTimeOffset End { get; private set; }

    public IEnumerable<SyntheticRequest> Requests()
    {
        var random = new Random(seed);
        DateTimeOffset time = start;
        // A little less than twelve days over all, whatever the count.
        double step = TimeSpan.FromDays(11).TotalSeconds / count;
        for (int i = 0; i < count; i++)
        {
            time += i == count * 2 / 5 ? TimeSpan.FromHours(-3) : i == count * 7 / 10 ? TimeSpan.FromDays(1) : TimeSpan.FromTicks((long)(random.NextDouble() * 2 * step * TimeSpan.TicksPerSecond));
            End = time;
            yield return Make(random, time, i);
        }
    }

    private static SyntheticRequest Make(Random random, DateTimeOffset time, int number)
    {
        (string model, long input, long output, long? cachedInput) = Models[(int)(Models.Length * Math.Pow(random.NextDouble(), 1.5))];
        ModelPrice? price = input < 0 ? null : new ModelPrice { Model = model, Provider = "p", Input = input, Output = output, CachedInput = cachedInput, Source = "truth" };
        LedgerWork work = random.Next(25) > 0 ? LedgerWork.Client : (LedgerWork)random.Next(1, 5);
        CacheOutcome outcome = work == LedgerWork.Client ? Pick(random) : CacheOutcome.Miss;
        bool saves = outcome is CacheOutcome.Exact or CacheOutcome.Stale or CacheOutcome.Semantic or CacheOutcome.Collapsed;
        bool asks = outcome is CacheOutcome.Miss or CacheOutcome.Bypass;
        TokenCounts usage = saves || asks ? Usage(random, cachedInput is not null) : default;
        decimal? cost = price is null || !usage.IsKnown ? null : Cost(usage, input, output, cachedInput);
        var row = new LedgerRow
        {
            Time = time,
            Work = work,
            Tenant = Tenants[random.Next(Tenants.Length)],
            User = random.Next(3) == 0 ? random.Next(50).ToString("x16", null) : null,
            Model = model,
            Upstream = asks ? "up-" + random.Next(3) : null,
            Route = "r" + random.Next(2),
            Namespace = random.Next(4) == 0 ? "docs" : "",
            Dialect = (Dialect)random.Next(5),
            Outcome = outcome,
            Reason = outcome == CacheOutcome.Bypass ? BypassReason.Temperature : BypassReason.None,
            Status = outcome == CacheOutcome.None ? 400 : random.Next(60) switch { 0 => LedgerRow.ClientGone, 1 => 502, _ => 200 },
            Usage = asks ? usage : default,
            Saved = saves ? usage : default,
            Price = saves || asks ? price : null,
            Paid = !asks ? Money.Zero : price is null ? null : CostArithmetic.Of(usage, price),
            Avoided = !saves ? Money.Zero : price is null ? null : CostArithmetic.Of(usage, price),
            Overhead = new Money(random.Next(3) == 0 ? random.Next(5_000) : 0),
            FirstByteSeconds = saves ? 0.001 + random.NextDouble() / 100 : 0.2 + random.NextDouble(),
            TotalSeconds = saves ? 0.02 : 1 + (3 * random.NextDouble()),
            MissSeconds = saves ? 1 + random.NextDouble() : -1,
            RequestBytes = random.Next(200, 4000),
            AnswerBytes = random.Next(200, 9000),
            EntryId = saves ? random.Next(4000).ToString("x32", null) : null,
            PrefixId = random.Next(40).ToString("x32", null),
            PredictedCachedTokens = asks && random.Next(2) == 0 ? random.Next(500) : -1,
            Similarity = outcome == CacheOutcome.Semantic ? 0.9f : 0,
        };
        return new SyntheticRequest(row, asks ? cost : 0, saves ? cost : 0, cost is not null && usage.Extras != UsageExtras.None);
    }

    private static TokenCounts Usage(Random random, bool hasCache)
    {
        int prompt = random.Next(1, 4000);
        return random.Next(40) == 0 ? TokenCounts.Unknown
            : new TokenCounts(prompt, random.Next(0, 900))
            {
                CachedRead = hasCache && random.Next(3) == 0 ? random.Next(prompt + 1) : random.Next(2) - 1 == 0 && hasCache ? 0 : -1,
                Extras = random.Next(15) == 0 ? (UsageExtras)random.Next(1, 8) : UsageExtras.None,
            };
    }

    // Picodollars a token, a thousand of them a nanodollar; half a nanodollar counts as one.
    private static decimal Cost(in TokenCounts usage, long input, long output, long? cachedInput)
    {
        decimal cached = Math.Max(0, usage.CachedRead);
        decimal picodollars = ((usage.Prompt - cached) * input) + (cached * (cachedInput ?? 0)) + (usage.Completion * (decimal)output);
        return Math.Round(picodollars / 1000, MidpointRounding.AwayFromZero);
    }

    private static CacheOutcome Pick(Random random)
    {
        double at = random.NextDouble();
        foreach ((CacheOutcome outcome, double share) in Outcomes)
        {
            if ((at -= share) < 0)
            {
                return outcome;
            }
        }

        return CacheOutcome.Exact;
    }
}
