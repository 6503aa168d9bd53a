using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Budget;

/// <summary>What clients are told of budgets: the header of those that are nearly used, and the error of one that is.</summary>
internal static class BudgetReplies
{
    // What clients of OpenAI know for a quota that is used up; they tell it from a rate limit, after which trying again soon helps.
    private const string Code = "insufficient_quota";

    // Official clients try a 429 again by themselves unless this says no.
    private const string ShouldRetry = "x-should-retry";

    private const double NanodollarsPerUsd = 1e9;

    /// <summary>A list of structured fields (RFC 9651), one per budget: <c>search-month;used=0.83;unit=money;reset=86400</c>.</summary>
    public static void WriteHeader(HttpResponse response, IEnumerable<(string Name, BudgetUnit Unit, double Share, TimeSpan Left)> budgets)
        => response.Headers[HeaderNames.Budget] = string.Join(", ", budgets.Select(budget => string.Create(
            CultureInfo.InvariantCulture, $"{budget.Name};used={budget.Share:0.0##};unit={NameOf(budget.Unit)};reset={Seconds(budget.Left)}")));

    public static RequestError Refuse(AccountWindow window, BudgetUnit unit, BudgetAmount used, BudgetAmount estimate, DateTimeOffset now)
    {
        BudgetRule rule = window.Account.Rule;
        string what = used.Of(unit) >= rule.Limits.Of(unit)
            ? $"is used up: its limit is {Show(unit, rule.Limits.Of(unit))}"
            : $"has less left of its {Show(unit, rule.Limits.Of(unit))} than this request may take, about {Show(unit, estimate.Of(unit))}";
        string end = window.Span.End.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new RequestError(
            $"The budget '{rule.Name}' {what}. It begins anew at {end}. Answers that are stored are still given.",
            null, Code, StatusCodes.Status429TooManyRequests, Code)
        { RetryAfter = window.Span.End - now };
    }

    public static Task WriteRefusalAsync(HttpContext context, ExchangeFeature exchange, RequestError refusal)
    {
        exchange.Outcome = exchange.Flags.AllowLookup ? CacheOutcome.Miss : CacheOutcome.Bypass;
        IHeaderDictionary headers = context.Response.Headers;
        headers[HeaderNames.CacheStatus] = StatusHeader.OverBudget;
        headers[ShouldRetry] = "false";
        if (refusal.RetryAfter is { } wait)
        {
            headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
        }

        return ErrorReply.WriteAsync(context, refusal);
    }

    public static string NameOf(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Requests => "requests",
        BudgetUnit.Tokens => "tokens",
        _ => "money",
    };

    private static long Seconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalSeconds));

    private static string Show(BudgetUnit unit, long amount) => unit == BudgetUnit.Money
        ? string.Create(CultureInfo.InvariantCulture, $"{amount / NanodollarsPerUsd:0.00####} USD")
        : string.Create(CultureInfo.InvariantCulture, $"{amount} {NameOf(unit)}");
}
