using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Tests.Ledger;

/// <summary>Rows as requests of some tenants, models and users make them, drawn with a seed.</summary>
internal sealed class SampleRows(int seed)
{
    private static readonly CacheOutcome[] Outcomes = Enum.GetValues<CacheOutcome>();

    private static readonly ModelPrice Price = new() { Model = "m0", Provider = "openai", Input = 2_500_000, Output = 10_000_000, CachedInput = 1_250_000, Source = "test" };

    private readonly Random _random = new(seed);

    public static LedgerRow Hit(DateTimeOffset time) => new()
    {
        Time = time,
        Tenant = "acme",
        Model = "m0",
        Outcome = CacheOutcome.Exact,
        Status = 200,
        Saved = new TokenCounts(1000, 200),
        Price = Price,
        Avoided = new Money(4_500_000),
        FirstByteSeconds = 0.000_1,
        TotalSeconds = 0.000_2,
        MissSeconds = 1.5,
        RequestBytes = 400,
        AnswerBytes = 2000,
        EntryId = "00112233445566778899aabbccddeeff",
    };

    /// <summary>Times are whole milliseconds, as rows are kept.</summary>
    public LedgerRow Next(DateTimeOffset from, TimeSpan range)
    {
        CacheOutcome outcome = Outcomes[_random.Next(Outcomes.Length)];
        LedgerWork work = _random.Next(10) == 0 ? (LedgerWork)_random.Next(5) : LedgerWork.Client;
        bool isSaving = outcome is CacheOutcome.Exact or CacheOutcome.Stale or CacheOutcome.Semantic or CacheOutcome.Collapsed;
        TokenCounts counts = _random.Next(8) == 0 ? TokenCounts.Unknown : Counts();
        Money? money = counts.IsKnown ? new Money(_random.NextInt64(20_000_000)) : null;
        return new LedgerRow
        {
            Time = DateTimeOffset.FromUnixTimeMilliseconds(from.ToUnixTimeMilliseconds() + _random.NextInt64((long)range.TotalMilliseconds)),
            Work = work,
            Tenant = $"tenant{_random.Next(4)}",
            User = _random.Next(2) == 0 ? null : $"{_random.Next(6):x16}",
            Model = $"m{_random.Next(3)}",
            Upstream = isSaving ? null : $"up{_random.Next(2)}",
            Route = _random.Next(3) == 0 ? null : "route",
            Namespace = _random.Next(3) == 0 ? "team" : "",
            Dialect = (Dialect)_random.Next(5),
            Outcome = outcome,
            Reason = outcome == CacheOutcome.Bypass ? BypassReason.NoStoreRequested : BypassReason.None,
            Status = _random.Next(12) switch { 0 => 500, 1 => LedgerRow.ClientGone, 2 => 429, _ => 200 },
            Usage = isSaving ? default : counts,
            Saved = isSaving ? counts : default,
            Price = counts.IsKnown ? Price : null,
            Paid = isSaving ? Money.Zero : money,
            Avoided = isSaving ? money : Money.Zero,
            Overhead = new Money(_random.Next(3) * 1000),
            FirstByteSeconds = _random.Next(5) == 0 ? -1 : Seconds(),
            TotalSeconds = Seconds(),
            MissSeconds = isSaving && _random.Next(4) > 0 ? Seconds() : -1,
            RequestBytes = _random.Next(100_000),
            AnswerBytes = _random.Next(100_000),
            EntryId = _random.Next(3) == 0 ? null : $"{_random.Next(20):x32}",
            PrefixId = _random.Next(3) == 0 ? null : $"{_random.Next(5):x32}",
            PredictedCachedTokens = _random.Next(2) == 0 ? -1 : _random.Next(1000),
            Similarity = outcome == CacheOutcome.Semantic ? 0.875f : 0,
            NearEntryId = _random.Next(9) == 0 ? "near" : null,
        };
    }

    // Whole microseconds, as rows are kept.
    private double Seconds() => _random.Next(1, 30_000_000) / 1e6;

    private TokenCounts Counts() => _random.Next(9) == 0 ? Tokens() with { Extras = UsageExtras.Searches, Searches = _random.Next(1, 300) } : Tokens();

    private TokenCounts Tokens() => new(_random.Next(10_000), _random.Next(1000))
    {
        CachedRead = _random.Next(3) == 0 ? _random.Next(500) : -1,
        CacheWrite = _random.Next(3) == 0 ? _random.Next(500) : -1,
        CacheWriteHour = _random.Next(6) == 0 ? _random.Next(100) : -1,
        Reasoning = _random.Next(3) == 0 ? _random.Next(500) : -1,
        Extras = _random.Next(5) == 0 ? (UsageExtras)_random.Next(1, 8) : UsageExtras.None,
    };
}
