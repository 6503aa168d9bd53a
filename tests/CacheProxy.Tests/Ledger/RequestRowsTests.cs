using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tenancy;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Ledger;

/// <summary>What a client's request becomes in the ledger, with the times written out.</summary>
public class RequestRowsTests
{
    private static readonly UpstreamRoute Route = new() { Name = "r", Destinations = [new UpstreamDestination { Target = new UpstreamTarget { Name = "u", BaseUrl = "http://u" } }] };

    private readonly FakeTimeProvider _clock = new();
    private readonly KeptRows _ledger = new();
    private readonly RequestRows _rows;

    public RequestRowsTests()
    {
        var tenants = new TestOptions<TenantOptions>(new TenantOptions());
        var secret = new InstallationSecret("c2hhcmVkLWJ5LWFsbC1wcm94aWVzLW9mLXRoaXMtZmxlZXQ=", "", NullLogger<InstallationSecret>.Instance);
        var options = new TestOptions<LedgerOptions>(new LedgerOptions());
        var costs = new RequestCosts(new PriceBook(null, options, NullLogger<PriceBook>.Instance), options);
        var names = new TenantNames(secret, tenants, NullLogger<TenantNames>.Instance);
        _rows = new RequestRows(_ledger, costs, new ScopeResolver(secret, tenants), names, new RepeatedHits(costs, names), _clock);
    }

    [Theory]
    [InlineData(0.25, 2, 1.75)]
    [InlineData(2, 2, 0)]
    [InlineData(3, 2, 0)]
    public void Hit_SavesWhatTheMissTookLonger_AndNeverLessThanNothing(double took, double miss, double saved)
    {
        ExchangeFeature exchange = Arrive();
        exchange.Outcome = CacheOutcome.Exact;
        exchange.Answered = SampleEntries.Plain(1) with { MissDurationSeconds = miss };
        End(exchange, took, 200);

        Assert.Equal(saved, SecondsSaved(_ledger.Rows), 6);
        Assert.Equal(took, _ledger.Rows[0].TotalSeconds, 6);
    }

    [Fact]
    public void HitsThatRepeat_OneOfThemSlowerThanTheMiss_SaveWhatEachSaved()
    {
        CacheEntry entry = SampleEntries.Plain(1) with { MissDurationSeconds = 2 };
        foreach (double took in (double[])[0.5, 0.5, 0.5, 1, 5, 0.5])
        {
            ExchangeFeature exchange = Arrive();
            exchange.Outcome = CacheOutcome.Exact;
            exchange.Answered = entry;
            End(exchange, took, 200);
        }

        // 4 x 1.5 and 1; the one that its client read for five seconds saved none.
        Assert.Equal(7, SecondsSaved(_ledger.Rows), 6);
        Assert.Equal(3, _ledger.Repeated);
    }

    [Fact]
    public void CollapsedRequest_ThatWaitedLongerThanItsLeadersUpstreamTook_SavedNoTimeAndLostNone()
    {
        ExchangeFeature leader = Arrive();
        leader.UpstreamSeconds = 1;
        ExchangeFeature follower = Arrive();
        follower.Outcome = CacheOutcome.Collapsed;
        follower.Flight = new Landed(leader);
        End(follower, 1.002, 200);

        Assert.Equal(0, SecondsSaved(_ledger.Rows));
        Assert.Equal(1.002, _ledger.Rows[0].MissSeconds, 6);
    }

    [Fact]
    public void Hit_IsOverWhenItsLastByteIs_ByTheClockThatItsAnswerBeganAt()
    {
        ExchangeFeature exchange = Arrive();
        exchange.Outcome = CacheOutcome.Exact;
        exchange.Answered = SampleEntries.Plain(1);
        End(exchange, 3, 200);
        Assert.Equal(_clock.GetUtcNow(), _ledger.Rows[0].Time);
    }

    private static double SecondsSaved(IEnumerable<LedgerRow> rows)
    {
        var totals = new LedgerTotals();
        foreach (LedgerRow row in rows)
        {
            totals.Add(row);
        }

        return totals.SecondsSaved;
    }

    private ExchangeFeature Arrive() => new()
    {
        Dialect = Dialect.OpenAIChat,
        Scope = new Scope(default),
        Body = new byte[10],
        Facts = new RequestFacts { Model = "m" },
        Route = Route,
        ArrivedTimestamp = _clock.GetTimestamp(),
    };

    private void End(ExchangeFeature exchange, double seconds, int status)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds / 2));
        exchange.FirstByteTimestamp = _clock.GetTimestamp();
        exchange.RepliedAt = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromSeconds(seconds / 2));
        _rows.Add(exchange, status, _clock.GetTimestamp());
    }

    private sealed class KeptRows : ILedger
    {
        public List<LedgerRow> Rows { get; } = [];

        public int Repeated { get; private set; }

        public bool IsWanted => true;

        public int Queued => 0;

        public long Written => 0;

        public double LagSeconds => 0;

        public long Merged => 0;

        public long Lost => 0;

        public long ObserverFaults => 0;

        public void Add(in LedgerRow row) => Rows.Add(row);

        public void Add(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds)
        {
            Repeated++;
            Rows.Add(row.At(time, firstByteSeconds, totalSeconds));
        }

        public void Drain()
        {
        }
    }

    private sealed class Landed(ExchangeFeature leader) : IFlight
    {
        public ExchangeFeature Leader => leader;

        public bool IsSettled => true;

        public Task Settled => Task.CompletedTask;
    }
}
