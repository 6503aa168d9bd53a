using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Ledger.Prices;

public class RequestCostsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Deployment_HasThePriceOfTheModelThatAnswered()
    {
        ExchangeFeature exchange = Asked("fast", "azure", "gpt-4o", "my-deployment", billed: "gpt-4o-mini-2024-07-18");

        // What answered, not what the route calls it: Azure's gpt-4o-mini.
        Assert.Equal("gpt-4o-mini", Sut(out _).PriceOf(exchange, null, s_now)!.Model);
    }

    [Fact]
    public void Deployment_WhoseAnswerDoesNotNameAModel_HasThePriceOfTheRoutes()
        => Assert.Equal("gpt-4o", Sut(out _).PriceOf(Asked("fast", "azure", "gpt-4o", "my-deployment", billed: null), null, s_now)!.Model);

    [Fact]
    public void Hit_SavesWhatItsEntrysUsageCostsNow()
    {
        RequestCosts costs = Sut(out _);
        CacheEntry entry = Entry("gpt-4o-mini-2024-07-18", new TokenCounts(1000, 100) { CachedRead = 0 }, machine: null);
        ModelPrice? price = costs.PriceOf(Asked("gpt-4o-mini", "openai", null, null, billed: null), entry, s_now);

        // 1,000 x 150 + 100 x 600.
        Assert.Equal(new Money(210_000), costs.Avoided(entry, price));
    }

    [Fact]
    public void Hit_OnAnEntryOfUnknownUsage_SavesWhatNobodyKnows()
    {
        RequestCosts costs = Sut(out _);
        CacheEntry entry = Entry("gpt-4o-mini", TokenCounts.Unknown, machine: null);

        Assert.Null(costs.Avoided(entry, costs.PriceOf(Asked("gpt-4o-mini", "openai", null, null, null), entry, s_now)));
    }

    [Fact]
    public void OwnMachine_IsPaidByItsTime_WhateverTheTokens()
    {
        RequestCosts costs = Sut(out _, perHour: 3.6);
        ExchangeFeature exchange = Asked("gpt-4o-mini", "vllm", null, null, null);
        (exchange.Usage, exchange.MachineSeconds) = (new TokenCounts(1000, 100), 2);

        ModelPrice? price = costs.PriceOf(exchange, null, s_now);

        Assert.Null(price);
        // 2 s of 0.001 dollars each.
        Assert.Equal(new Money(2_000_000), costs.Paid(exchange, price));
        Assert.Equal(new Money(5_000_000), costs.Avoided(Entry("gpt-4o-mini", new TokenCounts(1000, 100), machine: 5), null));
        Assert.Equal(new Money(500_000), costs.OwnWork(0.5));
    }

    [Fact]
    public void OwnMachine_WithoutAPrice_IsOfUnknownCost()
    {
        RequestCosts costs = Sut(out _, perHour: 0);
        ExchangeFeature exchange = Asked("m", "vllm", null, null, null);
        exchange.MachineSeconds = 2;

        Assert.Null(costs.Paid(exchange, null));
        Assert.Equal(Money.Zero, costs.OwnWork(0.5));
    }

    [Fact]
    public void Refusal_CostsNothing_EvenOfAnUnknownModel()
    {
        ExchangeFeature exchange = Asked("nobody-knows", "openai", null, null, null);
        exchange.Usage = TokenCounts.None;

        Assert.Equal(Money.Zero, Sut(out _).Paid(exchange, null));
    }

    [Fact]
    public void UnknownModel_IsToldOnce_AndAMachinesModelIsNot()
    {
        RequestCosts costs = Sut(out PriceBook book);
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(costs.PriceOf(Asked("nobody-knows", "openai", null, null, null), null, s_now));
            Assert.Null(costs.PriceOf(Asked("smollm2", "cacheproxy", null, null, null), null, s_now));
        }

        Assert.Equal(1, book.UnknownModels);
    }

    private static RequestCosts Sut(out PriceBook book, double perHour = 0)
    {
        var options = new Fixed(new LedgerOptions { MachinePricePerHour = perHour });
        book = new PriceBook(PriceFile.Read(TestKit.Repository.File("config", PriceFile.FileName)), options, NullLogger<PriceBook>.Instance);
        return new RequestCosts(book, options);
    }

    private static CacheEntry Entry(string model, TokenCounts tokens, double? machine)
    {
        CacheEntry entry = SampleEntries.Plain(1);
        return entry with { MachineSeconds = machine, Answer = entry.Answer with { Model = model, Tokens = tokens } };
    }

    private static ExchangeFeature Asked(string model, string kind, string? routeModel, string? deployment, string? billed)
    {
        var target = new UpstreamTarget { Name = "u", BaseUrl = "http://u", Kind = kind };
        return new ExchangeFeature
        {
            Dialect = Dialect.OpenAIChat,
            Scope = new Scope(default),
            Body = ReadOnlyMemory<byte>.Empty,
            Facts = new RequestFacts { Model = model },
            Route = new UpstreamRoute { Name = "r", Model = routeModel, Destinations = [new UpstreamDestination { Target = target, Model = deployment, IsSameModel = deployment is not null }] },
            Served = target,
            BilledModel = billed,
        };
    }

    private sealed class Fixed(LedgerOptions options) : IOptionsMonitor<LedgerOptions>
    {
        public LedgerOptions CurrentValue => options;

        public LedgerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<LedgerOptions, string?> listener) => null;
    }
}
