using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Benchmarks.Ledger;

/// <summary>Rows in the order of time: 25 tenants, 4 models, 5,000 users, each of one tenant; two thirds of them hits on 200,000 entries, few of which make most. Knows their sums.</summary>
internal sealed class LedgerTraffic(DateTimeOffset start, TimeSpan range, int rows)
{
    private const int Tenants = 25;
    private const int Entries = 200_000;

    private static readonly ModelPrice[] Prices = [.. Enumerable.Range(0, 4).Select(i => new ModelPrice { Model = $"model-{i}", Provider = "openai", Input = 2_500_000 >> i, Output = 10_000_000 >> i, Source = "benchmark" })];
    private static readonly string[] TenantNames = [.. Enumerable.Range(0, Tenants).Select(TenantAt)];
    private static readonly string[] Users = [.. Enumerable.Range(0, 5000).Select(i => $"{(long)i * 7919:x16}")];
    private static readonly string[] EntryIds = [.. Enumerable.Range(0, Entries).Select(i => $"{(long)i * 104_729:x32}")];
    private static readonly string[] Prefixes = [.. Enumerable.Range(0, 300).Select(i => $"{(long)i * 611_953:x32}")];

    private readonly Random _random = new(20261122);
    private int _made;

    public long Requests => _made;

    public long Paid { get; private set; }

    public long Avoided { get; private set; }

    public long RequestsOfFirstTenant { get; private set; }

    public long HitsOfFirstEntry { get; private set; }

    public static string TenantAt(int index) => $"tenant-{index}";

    public LedgerRow Next()
    {
        DateTimeOffset time = DateTimeOffset.FromUnixTimeMilliseconds(start.ToUnixTimeMilliseconds() + (long)(range.TotalMilliseconds * _made++ / rows));
        // Few entries make most hits: the share of rank n falls with n.
        int entry = (int)(Math.Pow(Entries, _random.NextDouble()) - 1);
        int tenant = entry % Tenants, model = entry % Prices.Length, prompt = _random.Next(200, 4000), completion = _random.Next(20, 800);
        CacheOutcome outcome = _random.Next(100) switch { < 55 => CacheOutcome.Exact, < 62 => CacheOutcome.Semantic, < 66 => CacheOutcome.Collapsed, < 70 => CacheOutcome.Bypass, _ => CacheOutcome.Miss };
        bool isSaving = outcome is not (CacheOutcome.Bypass or CacheOutcome.Miss);
        var counts = new TokenCounts(prompt, completion);
        Money money = CostArithmetic.Of(counts, Prices[model])!.Value;
        Paid += isSaving ? 0 : money.Nanodollars;
        Avoided += isSaving ? money.Nanodollars : 0;
        RequestsOfFirstTenant += tenant == 0 ? 1 : 0;
        HitsOfFirstEntry += isSaving && entry == 0 ? 1 : 0;
        double miss = 0.4 + (_random.NextDouble() * 6), hit = 0.0001 + (_random.NextDouble() * 0.001);
        return new LedgerRow
        {
            Time = time,
            Tenant = TenantNames[tenant],
            User = _random.Next(3) == 0 ? null : Users[(_random.Next(Users.Length / Tenants) * Tenants) + tenant],
            Model = Prices[model].Model,
            Upstream = isSaving ? null : model < 2 ? "openai" : "azure",
            Route = "default",
            Outcome = outcome,
            Status = 200,
            Usage = isSaving ? default : counts,
            Saved = isSaving ? counts : default,
            Price = Prices[model],
            Paid = isSaving ? Money.Zero : money,
            Avoided = isSaving ? money : Money.Zero,
            FirstByteSeconds = isSaving ? hit / 2 : miss / 4,
            TotalSeconds = isSaving ? hit : miss,
            MissSeconds = isSaving ? miss : -1,
            RequestBytes = prompt * 4,
            AnswerBytes = completion * 5,
            // Every miss makes an entry of its own.
            EntryId = isSaving ? EntryIds[entry] : outcome == CacheOutcome.Miss ? $"{_random.NextInt64():x16}{_made:x16}" : null,
            PrefixId = Prefixes[entry % Prefixes.Length],
            Similarity = outcome == CacheOutcome.Semantic ? 0.93f : 0,
        };
    }
}
