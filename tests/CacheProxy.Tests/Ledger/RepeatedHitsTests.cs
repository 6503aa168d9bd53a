using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tenancy;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Ledger;

/// <summary>A hit's row may be taken for another's only where nothing that a row says is different.</summary>
public class RepeatedHitsTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 1, 12, 0, 10, TimeSpan.Zero);
    private static readonly CacheEntry Entry = SampleEntries.Plain(1) with { MissDurationSeconds = 2 };
    private static readonly UpstreamRoute Route = new() { Name = "r", Destinations = [] };

    private readonly Versions _prices = new();
    private readonly TestOptions<TenantOptions> _tenants = new(new TenantOptions());
    private readonly RepeatedHits _hits;

    public RepeatedHitsTests()
    {
        var secret = new InstallationSecret("c2hhcmVkLWJ5LWFsbC1wcm94aWVzLW9mLXRoaXMtZmxlZXQ=", "", NullLogger<InstallationSecret>.Instance);
        _hits = new RepeatedHits(
            new RequestCosts(_prices, new TestOptions<LedgerOptions>(new LedgerOptions())), new TenantNames(secret, _tenants, NullLogger<TenantNames>.Instance));
    }

    [Fact]
    public void Hit_ThatComesAThirdTimeInAMinute_HasTheSecondsRow()
    {
        ExchangeFeature exchange = Exchange();
        Assert.Null(_hits.Find(exchange, Time, 0.1));
        _hits.Note(exchange, Row(), _hits.Settings());
        Assert.Null(_hits.Find(exchange, Time, 0.1));
        _hits.Note(exchange, Row(), _hits.Settings());

        RepeatedRow row = Assert.IsType<RepeatedRow>(_hits.Find(Exchange(), Time.AddSeconds(49), 1.9));
        Assert.Equal(Row() with { Time = Time.AddSeconds(49), FirstByteSeconds = 0.5, TotalSeconds = 1.9 }, row.At(Time.AddSeconds(49), 0.5, 1.9));
    }

    public static TheoryData<string, Func<ExchangeFeature>> Others => new()
    {
        { "user", () => Exchange(user: "u") },
        { "sender", () => Exchange(sender: new Fingerprint256([.. Enumerable.Repeat((byte)1, 32)])) },
        { "model", () => Exchange(model: "other") },
        { "namespace", () => Exchange(space: "other") },
        { "dialect", () => Exchange(dialect: Dialect.AnthropicMessages) },
        { "request bytes", () => Exchange(bytes: 11) },
        { "answer bytes", () => With(exchange => exchange.AnswerBytes = 21) },
        { "route", () => With(exchange => exchange.Route = new UpstreamRoute { Name = "r", Destinations = [] }) },
        { "entry", () => With(exchange => exchange.Answered = Entry with { MissDurationSeconds = 3 }) },
    };

    [Theory]
    [MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public void Hit_ThatDiffersInAnything_HasARowOfItsOwn(string what, Func<ExchangeFeature> other)
    {
        Learn();
        Assert.NotNull(_hits.Find(Exchange(), Time, 0.1));
        Assert.True(_hits.Find(other(), Time, 0.1) is null, what);
    }

    [Fact]
    public void Hit_OfAnotherMinute_OfOtherSettings_OrLongerThanTheMiss_HasARowOfItsOwn()
    {
        Learn();
        Assert.Null(_hits.Find(Exchange(), Time.AddSeconds(50), 0.1));
        Assert.Null(_hits.Find(Exchange(), Time.AddMinutes(-1), 0.1));
        Assert.Null(_hits.Find(Exchange(), Time, 2.1));
        _tenants.CurrentValue = new TenantOptions();
        Assert.Null(_hits.Find(Exchange(), Time, 0.1));
        Learn();
        Assert.NotNull(_hits.Find(Exchange(), Time, 0.1));
        _prices.Version = new object();
        Assert.Null(_hits.Find(Exchange(), Time, 0.1));
    }

    [Fact]
    public void Row_OfAHitThatTookLongerThanTheMiss_IsNoOthers()
    {
        for (int i = 0; i < 3; i++)
        {
            _hits.Note(Exchange(), Row() with { MissSeconds = 5, TotalSeconds = 5 }, _hits.Settings());
        }

        Assert.Null(_hits.Find(Exchange(), Time, 0.1));
    }

    [Fact]
    public void Row_MadeWhileSettingsChange_IsNotTakenAfterwards()
    {
        RepeatedHits.SettingsMark before = _hits.Settings();
        _prices.Version = new object();
        _hits.Note(Exchange(), Row(), before);
        _hits.Note(Exchange(), Row(), before);
        Assert.Null(_hits.Find(Exchange(), Time, 0.1));
    }

    [Fact]
    public void Outcomes_OtherThanAPlainHit_AreMadeTheLongWay()
    {
        Assert.True(RepeatedHits.IsPlain(Exchange(), 200));
        Assert.False(RepeatedHits.IsPlain(Exchange(), LedgerRow.ClientGone));
        Assert.False(RepeatedHits.IsPlain(With(exchange => exchange.Outcome = CacheOutcome.Stale), 200));
        Assert.False(RepeatedHits.IsPlain(With(exchange => exchange.Answered = null), 200));
        Assert.False(RepeatedHits.IsPlain(With(exchange => exchange.OwnWorkSeconds = 0.1), 200));
        Assert.False(RepeatedHits.IsPlain(With(exchange => exchange.RepliedAt = default), 200));
    }

    private void Learn()
    {
        for (int i = 0; i < 2; i++)
        {
            _hits.Note(Exchange(), Row(), _hits.Settings());
        }
    }

    private static LedgerRow Row() => SampleRows.Hit(Time) with { MissSeconds = 2 };

    private static ExchangeFeature With(Action<ExchangeFeature> change)
    {
        ExchangeFeature exchange = Exchange();
        change(exchange);
        return exchange;
    }

    private static ExchangeFeature Exchange(
        string? user = null, Fingerprint256 sender = default, string model = "m", string space = "", Dialect dialect = Dialect.OpenAIChat, int bytes = 10) => new()
        {
            Dialect = dialect,
            Scope = new Scope(default),
            Sender = sender,
            Namespace = space,
            Body = new byte[bytes],
            Facts = new RequestFacts { Model = model, User = user },
            Route = Route,
            Outcome = CacheOutcome.Exact,
            Answered = Entry,
            AnswerBytes = 20,
            FirstByteTimestamp = 1,
            RepliedAt = Time,
        };

    private sealed class Versions : IPriceBook
    {
        public object Version { get; set; } = new();

        public ModelPrice? Find(string model, string? upstreamKind, DateTimeOffset at) => null;

        public void TellUnknown(string model)
        {
        }
    }
}
