using System.Globalization;
using System.Text.RegularExpressions;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Export;
using CacheProxy.Ledger.Prices;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Ledger.Export;

/// <summary>The dataset against FOCUS 1.2, column by column as the specification's tables have them.</summary>
public partial class FocusColumnsTests
{
    // Feature level mandatory, in 1.0, 1.1 and 1.2 alike. The second list may be null; all of the first must have a value.
    private static readonly string[] MandatoryWithValue =
    [
        "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost",
        "EffectiveCost", "InvoiceIssuerName", "ListCost", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
    ];

    private static readonly string[] MandatoryNullable = ["BillingAccountName", "ChargeClass", "ChargeDescription", "PricingQuantity", "PricingUnit"];

    // Recommended, or conditional on what requests have: quantities, prices of a list, tenants.
    private static readonly string[] Others = ["ChargeFrequency", "ConsumedQuantity", "ConsumedUnit", "PricingCategory", "ServiceSubcategory", "SkuId", "SubAccountId", "SubAccountName"];

    private static readonly string[] Costs = ["BilledCost", "ContractedCost", "EffectiveCost", "ListCost"];

    [Fact]
    public void Columns_AreTheMandatoryOnesAndThoseThatApply_ThenOnesOfOurOwn()
    {
        string[] names = [.. FocusColumns.All.Select(column => column.Name)];
        string[] own = [.. names.Where(name => name.StartsWith("x_", StringComparison.Ordinal))];

        Assert.Equal(((string[])[.. MandatoryWithValue, .. MandatoryNullable, .. Others]).Order(StringComparer.Ordinal), names[..^own.Length].Order(StringComparer.Ordinal));
        Assert.Equal(own, names[^own.Length..]);
        Assert.All(names, name => Assert.Matches("^(x_)?[A-Z][A-Za-z]{1,48}$", name));
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void Values_OfWhateverRows_AreAsTheSpecificationHasThem()
    {
        var rows = new SampleRows(5);
        var from = new DateTimeOffset(2025, 12, 30, 0, 0, 0, TimeSpan.Zero);
        for (int i = 0; i < 2000; i++)
        {
            LedgerRow row = rows.Next(from, TimeSpan.FromDays(5)) with { Requests = i % 9 == 0 ? 3 : 1 };
            row = i % 11 == 0 ? row with { Tenant = "", Model = "", Namespace = "", Price = null } : row;
            if (!FocusColumns.Has(row))
            {
                Assert.Null(row.Paid);
                continue;
            }

            Dictionary<string, object?> values = FocusColumns.All.ToDictionary(column => column.Name, column => column.Value(row));
            Assert.All(MandatoryWithValue, name => Assert.False(string.IsNullOrWhiteSpace(Text(values[name])), name));
            Assert.All(values.Values, value => Assert.NotEqual("", value));
            Assert.All(Costs, name => Assert.Equal(row.Paid!.Value.ToUsd(), values[name]));
            // Usage has a quantity, and a quantity its unit.
            Assert.All((string[])["PricingQuantity", "PricingUnit", "ConsumedQuantity", "ConsumedUnit", "PricingCategory", "SkuId"], name => Assert.NotNull(values[name]));
            Assert.All((string[])["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"], name => Assert.Matches(Time(), Text(values[name])));
            (DateTimeOffset start, DateTimeOffset end) = (At(values["ChargePeriodStart"]), At(values["ChargePeriodEnd"]));
            Assert.True(start <= row.Time && row.Time < end && start < end, $"{start:O} {row.Time:O} {end:O}");
            Assert.Equal(new DateTimeOffset(row.Time.Year, row.Time.Month, 1, 0, 0, 0, TimeSpan.Zero), At(values["BillingPeriodStart"]));
            Assert.Equal(At(values["BillingPeriodStart"]).AddMonths(1), At(values["BillingPeriodEnd"]));
        }
    }

    [Theory]
    [InlineData("openai", "up", "OpenAI", "OpenAI API")]
    [InlineData("azure", "up", "Microsoft", "Azure OpenAI")]
    [InlineData("anthropic", null, "Anthropic", "Claude API")]
    [InlineData("", "mine", "mine", "mine")]
    [InlineData(null, "vllm-1", "vllm-1", "vllm-1")]
    [InlineData(null, null, "CacheProxy", "CacheProxy")]
    public void Service_IsWhatIsSold_NotTheDialect(string? provider, string? upstream, string company, string service)
    {
        LedgerRow row = SampleRows.Hit(DateTimeOffset.UnixEpoch) with
        {
            Upstream = upstream,
            Price = provider is null ? null : new ModelPrice { Model = "m", Provider = provider, Input = 1, Output = 1, Source = "test" },
        };

        Assert.Equal((company, company, company, service), (Of(row, "ProviderName"), Of(row, "PublisherName"), Of(row, "InvoiceIssuerName"), Of(row, "ServiceName")));
    }

    [Fact]
    public void Providers_OfThePriceTable_AllHaveTheirNames()
        => Assert.Empty(PriceFile.Read(Repository.File("config", PriceFile.FileName)).Models.Select(row => row.Provider).Distinct().Except(FocusOffering.Known));

    [Fact]
    public void Quantity_WhereOnlyTheMachinesTimeIsKnown_IsTheRequest()
    {
        LedgerRow row = SampleRows.Hit(DateTimeOffset.UnixEpoch) with { Outcome = CacheOutcome.Miss, Usage = TokenCounts.Unknown, Price = null, Paid = new Money(5) };

        Assert.Equal((1L, "Requests"), (Of(row, "PricingQuantity"), Of(row, "PricingUnit")));
    }

    private static object? Of(LedgerRow row, string name) => FocusColumns.All.Single(column => column.Name == name).Value(row);

    private static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);

    private static DateTimeOffset At(object? value) => DateTimeOffset.Parse(Text(value)!, CultureInfo.InvariantCulture);

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
    private static partial Regex Time();
}
