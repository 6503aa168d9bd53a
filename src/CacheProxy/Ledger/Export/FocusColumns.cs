using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Export;

/// <summary>
/// Columns of FOCUS 1.1, the FinOps Open Cost and Usage Specification, as far as a request has them, and what it lacks in columns that begin with
/// <c>x_</c>, as it asks for. What the cache spared is no charge and stands in <c>x_AvoidedCost</c> alone. A cost that is not known is empty.
/// </summary>
public static class FocusColumns
{
    private const string Currency = "USD";
    private const string Tokens = "Tokens";

    public static IReadOnlyList<RowColumn> All { get; } =
    [
        new("BilledCost", row => row.Paid?.ToUsd()),
        new("EffectiveCost", row => row.Paid?.ToUsd()),
        new("ListCost", row => row.Paid?.ToUsd()),
        new("ContractedCost", row => row.Paid?.ToUsd()),
        new("BillingCurrency", _ => Currency),
        new("BillingPeriodStart", row => Month(row.Time)),
        new("BillingPeriodEnd", row => Month(row.Time).AddMonths(1)),
        new("ChargePeriodStart", row => row.Time.AddSeconds(row.Requests == 1 ? -Math.Max(0, row.TotalSeconds) : 0)),
        new("ChargePeriodEnd", row => row.Time),
        new("ChargeCategory", _ => "Usage"),
        new("ChargeClass", _ => null),
        new("ChargeDescription", row => $"{row.Model}: {row.Work.ToTag()}, {row.Outcome.ToTag()}"),
        new("ChargeFrequency", _ => "Usage-Based"),
        new("ConsumedQuantity", row => Quantity(row)),
        new("ConsumedUnit", row => Quantity(row) is null ? null : Tokens),
        new("PricingQuantity", row => Quantity(row)),
        new("PricingUnit", row => Quantity(row) is null ? null : Tokens),
        new("PricingCategory", _ => "Standard"),
        new("ProviderName", row => row.Price?.Provider ?? row.Upstream),
        new("PublisherName", row => row.Price?.Provider ?? row.Upstream),
        new("InvoiceIssuerName", row => row.Price?.Provider ?? row.Upstream),
        new("ServiceCategory", _ => "AI and Machine Learning"),
        new("ServiceSubcategory", _ => "Generative AI"),
        new("ServiceName", row => row.Dialect.ToTag()),
        new("SkuId", row => row.Price?.Model ?? row.Model),
        new("ResourceId", row => row.Upstream),
        new("ResourceType", row => row.Upstream is null ? null : "Model upstream"),
        new("SubAccountId", row => row.Tenant),
        new("SubAccountName", row => row.Tenant),
        new("x_Work", row => row.Work.ToTag()),
        new("x_Outcome", row => row.Outcome.ToTag()),
        new("x_Requests", row => (long)row.Requests),
        new("x_Model", row => row.Model),
        new("x_Route", row => row.Route),
        new("x_Namespace", row => row.Namespace),
        new("x_User", row => row.User),
        new("x_Status", row => (long)row.Status),
        new("x_PromptTokens", row => RowColumns.Count(row.Usage.Prompt)),
        new("x_CompletionTokens", row => RowColumns.Count(row.Usage.Completion)),
        new("x_CachedReadTokens", row => RowColumns.Count(row.Usage.CachedRead)),
        new("x_CacheWriteTokens", row => RowColumns.Count(row.Usage.CacheWrite)),
        new("x_AvoidedCost", row => row.Avoided?.ToUsd()),
        new("x_AvoidedTokens", row => row.Saved.IsKnown ? row.Saved.Prompt + row.Saved.Completion : null),
        new("x_OverheadCost", row => row.Overhead.ToUsd()),
        new("x_EntryId", row => row.EntryId),
    ];

    private static object? Quantity(in LedgerRow row) => row.Usage.IsKnown ? row.Usage.Prompt + row.Usage.Completion : null;

    private static DateTimeOffset Month(DateTimeOffset time) => new(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero);
}
