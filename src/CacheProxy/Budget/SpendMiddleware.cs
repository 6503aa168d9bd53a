using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Budget;

/// <summary>
/// Between steps 6 and 7, in front of what costs money. Sets aside what the call may take in every budget that it counts in, all or none; ends it with 429 where one
/// has not that much left; and counts afterwards what it took. Calls of the proxy's own, refreshes and audits, are their tenant's too.
/// </summary>
public sealed class SpendMiddleware(RequestDelegate next, BudgetGuard guard)
{
    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        if (exchange.Directives.OnlyIfCached)
        {
            return next(context);
        }

        if (exchange.Refusal is { } refusal)
        {
            return RefuseAsync(context, exchange, refusal);
        }

        return guard.IsIdle ? next(context) : SpendAsync(context, exchange);
    }

    private async Task SpendAsync(HttpContext context, ExchangeFeature exchange)
    {
        exchange.KeepBody();
        BudgetReservation? reservation = await guard.ReserveAsync(context, exchange);
        if (exchange.Refusal is { } refusal)
        {
            await RefuseAsync(context, exchange, refusal);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (reservation is not null)
            {
                guard.Settle(reservation, exchange, context.Response.StatusCode);
            }
        }
    }

    private Task RefuseAsync(HttpContext context, ExchangeFeature exchange, RequestError refusal)
    {
        guard.NoteRefused(exchange);
        return BudgetReplies.WriteRefusalAsync(context, exchange, refusal);
    }
}
