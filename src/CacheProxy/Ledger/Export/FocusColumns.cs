using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Export;

/// <summary>
/// A dataset of FOCUS 1.2, the FinOps Open Cost and Usage Specification: every column that it demands of all, those that a request has of the others, and the rest in
/// columns that begin with <c>x_</c> and come last. What the cache spared is no charge and stands in <c>x_AvoidedCost</c> alone.
/// </summary>
/// <remarks>
/// A row is one request, of tokens of several prices: it has a cost and no unit price. Costs may be neither empty nor a stand-in there: rows whose cost is not known
/// are not part of it (<see cref="Has"/>). Times are whole seconds, so that each request lies within its charge period.
/// </remarks>
public static class FocusColumns
{
    private const string Currency = "USD";
    private const string Tokens = "Tokens";
    private const string Requests = "Requests";

    // An upstream is one account at a provider: it has that account's key.
    private const string NoAccount = "cacheproxy";

    public static IReadOnlyList<RowColumn> All { get; } =
    [
        new("BilledCost", row => row.Paid?.ToUsd()),
        new("BillingAccountId", row => row.Upstream ?? NoAccount),
        new("BillingAccountName", row => row.Upstream),
        new("BillingCurrency", _ => Currency),
        new("BillingPeriodEnd", row => new FocusTime(Month(row.Time).AddMonths(1))),
        new("BillingPeriodStart", row => new FocusTime(Month(row.Time))),
        new("ChargeCategory", _ => "Usage"),
        new("ChargeClass", _ => null),
        new("ChargeDescription", row => $"{(row.Model.Length > 0 ? row.Model : "no model")}: {row.Work.ToTag()}, {row.Outcome.ToTag()}"),
        new("ChargeFrequency", _ => "Usage-Based"),
        new("ChargePeriodEnd", row => new FocusTime(Second(row.Time).AddSeconds(1))),
        new("ChargePeriodStart", row => new FocusTime(Begin(row))),
        new("ConsumedQuantity", row => Quantity(row)),
        new("ConsumedUnit", row => Unit(row)),
        new("ContractedCost", row => row.Paid?.ToUsd()),
        new("EffectiveCost", row => row.Paid?.ToUsd()),
        new("InvoiceIssuerName", row => FocusOffering.Of(row).Provider),
        new("ListCost", row => row.Paid?.ToUsd()),
        new("PricingCategory", _ => "Standard"),
        new("PricingQuantity", row => Quantity(row)),
        new("PricingUnit", row => Unit(row)),
        new("ProviderName", row => FocusOffering.Of(row).Provider),
        new("PublisherName", row => FocusOffering.Of(row).Provider),
        new("ServiceCategory", _ => "AI and Machine Learning"),
        new("ServiceName", row => FocusOffering.Of(row).Service),
        new("ServiceSubcategory", _ => "Generative AI"),
        new("SkuId", row => row.Price?.Model ?? (row.Model.Length > 0 ? row.Model : FocusOffering.Of(row).Service)),
        new("SubAccountId", row => NullIfEmpty(row.Tenant)),
        new("SubAccountName", row => NullIfEmpty(row.Tenant)),
        new("x_Time", row => row.Time),
        new("x_Work", row => row.Work.ToTag()),
        new("x_Outcome", row => row.Outcome.ToTag()),
        new("x_Requests", row => (long)row.Requests),
        new("x_Model", row => NullIfEmpty(row.Model)),
        new("x_Upstream", row => row.Upstream),
        new("x_Dialect", row => row.Dialect.ToTag()),
        new("x_Route", row => row.Route),
        new("x_Namespace", row => NullIfEmpty(row.Namespace)),
        new("x_UserId", row => row.User),
        new("x_Status", row => (long)row.Status),
        new("x_PromptTokens", row => RowColumns.Count(row.Usage.Prompt)),
        new("x_CompletionTokens", row => RowColumns.Count(row.Usage.Completion)),
        new("x_CachedReadTokens", row => RowColumns.Count(row.Usage.CachedRead)),
        new("x_CacheWriteTokens", row => RowColumns.Count(row.Usage.CacheWrite)),
        new("x_IsPartPriced", row => row.IsPartPriced),
        new("x_AvoidedCost", row => row.Avoided?.ToUsd()),
        new("x_AvoidedTokens", row => row.Saved.IsKnown ? row.Saved.Prompt + row.Saved.Completion : null),
        new("x_OverheadCost", row => row.Overhead.ToUsd()),
        new("x_EntryId", row => row.EntryId),
    ];

    /// <summary>What it cost is known: it is a charge, be it of 0.</summary>
    public static bool Has(in LedgerRow row) => row.Paid is not null;

    // A quantity is demanded: where the tokens are not known, and the machine's time was paid for, the request itself is one.
    private static object Quantity(in LedgerRow row) => row.Usage.IsKnown ? row.Usage.Prompt + row.Usage.Completion : (long)row.Requests;

    private static string Unit(in LedgerRow row) => row.Usage.IsKnown ? Tokens : Requests;

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    private static DateTimeOffset Month(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);

    // Rows that stand for several are of one minute.
    private static DateTimeOffset Begin(in LedgerRow row) => row.Requests == 1
        ? Second(row.Time.AddSeconds(-Math.Max(0, row.TotalSeconds)))
        : Second(row.Time).AddSeconds(-row.Time.UtcDateTime.Second);

    private static DateTimeOffset Second(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
