using CacheProxy.Exchange;

namespace CacheProxy.Budget;

/// <summary>
/// Between steps 3 and 4. Says what is nearly used, and marks a request for which nothing is left: it may still be given an answer that is stored, or that
/// another has under way, but leads none that others could join, and ends at <see cref="SpendMiddleware"/>.
/// </summary>
public sealed class BudgetMiddleware(RequestDelegate next, BudgetGuard guard)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (guard.IsIdle)
        {
            return next(context);
        }

        ExchangeFeature exchange = context.GetExchange();
        ValueTask judged = guard.JudgeAsync(context, exchange);
        return judged.IsCompletedSuccessfully ? next(context) : AwaitedAsync(judged, context, exchange);
    }

    private async Task AwaitedAsync(ValueTask judged, HttpContext context, ExchangeFeature exchange)
    {
        exchange.KeepBody();
        await judged;
        await next(context);
    }
}
