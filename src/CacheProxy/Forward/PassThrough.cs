using CacheProxy.Budget;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.PrefixTag;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Forward;

/// <summary>
/// Everything that is no cached call: streamed both ways as it is, once, with the credentials of the upstream. Only what the path or the query says of the model can
/// choose a route; the body is not looked into. What its answer says that it cost counts in ledger and budgets; what it does not say is unknown.
/// </summary>
public sealed class PassThrough(
    UpstreamDirectory upstreams, UpstreamForwarder forwarder, PrefixChain chain, ScopeResolver scopes, BudgetGuard budgets, IOptionsMonitor<PrefixOptions> prefix, TimeProvider clock)
{
    private static readonly (PathString Path, Dialect Dialect)[] Families =
    [
        ("/v1/messages", Dialect.AnthropicMessages),
        ("/v1/responses", Dialect.OpenAIResponses),
        ("/v1/conversations", Dialect.OpenAIResponses),
        ("/v1/chat/completions", Dialect.OpenAIChat),
        ("/v1/completions", Dialect.OpenAICompletions),
        ("/v1/embeddings", Dialect.OpenAIEmbeddings),
    ];

    public async Task InvokeAsync(HttpContext context)
    {
        long started = clock.GetTimestamp();
        RequestError? error = FindRoute(context.Request, out UpstreamRoute? route, out Dialect dialect, out string? model);
        if (error is null)
        {
            ExchangeFeature exchange = PassedCall.Begin(context.Request, PassedCall.DialectOf(context.Request.Path, dialect), model ?? "", scopes, started);
            exchange.Route = route;
            // From here on it is counted, and its row is made when it is over.
            context.Features.Set(exchange);
            bool canCost = PassedCall.CanCost(context.Request);
            error = canCost && !budgets.IsIdle ? await SpendAsync(context, exchange, route!) : await SendAsync(context, exchange, route!, canCost);
            if (exchange.Refusal is not null)
            {
                return;
            }
        }

        if (error is not null)
        {
            ResponseHeaders.WriteRetryAfter(context.Response, error);
            await ErrorReply.WriteAsync(context, error);
        }
    }

    private async Task<RequestError?> SpendAsync(HttpContext context, ExchangeFeature exchange, UpstreamRoute route)
    {
        BudgetReservation? reservation = await budgets.ReserveAsync(context, exchange);
        if (exchange.Refusal is { } refusal)
        {
            budgets.NoteRefused(exchange);
            await BudgetReplies.WriteRefusalAsync(context, exchange, refusal);
            return null;
        }

        RequestError? error = null;
        try
        {
            return error = await SendAsync(context, exchange, route, canCost: true);
        }
        finally
        {
            if (reservation is not null)
            {
                budgets.Settle(reservation, exchange, error?.Status ?? context.Response.StatusCode);
            }
        }
    }

    private async Task<RequestError?> SendAsync(HttpContext context, ExchangeFeature exchange, UpstreamRoute route, bool canCost)
    {
        long started = clock.GetTimestamp();
        exchange.UpstreamError = await forwarder.SendAsync(context, route, exchange: null, SaltOf(context, route), canCost ? exchange : null);
        exchange.UpstreamSeconds = clock.GetElapsedTime(started).TotalSeconds;
        if (!canCost)
        {
            exchange.Served = route.Destinations[0].Target;
            exchange.Usage = TokenCounts.None;
        }
        else if (exchange.Usage != TokenCounts.None)
        {
            exchange.Usage = exchange.Usage with { Extras = exchange.Usage.Extras | PassedCall.ExtrasOf(context.Request.Path) };
        }

        if (exchange.Facts.Model.Length == 0 && exchange.BilledModel is { } billed)
        {
            exchange.Facts = new RequestFacts { Model = billed };
        }

        return exchange.UpstreamError;
    }

    private RequestError? FindRoute(HttpRequest request, out UpstreamRoute? route, out Dialect dialect, out string? model)
    {
        RouteTable table = upstreams.Table;
        dialect = Families.FirstOrDefault(family => request.Path.StartsWithSegments(family.Path, StringComparison.OrdinalIgnoreCase)).Dialect;
        model = DeploymentPath.TryRead(request.Path, out string deployment, out _) ? deployment : request.Query["model"].FirstOrDefault();
        route = table.FindByPath(request.Path.Value ?? "");
        if (route is not null)
        {
            return null;
        }

        if (!string.IsNullOrEmpty(model))
        {
            route = table.FindAny(model);
            return route is null ? RequestError.ModelNotFound(model) : null;
        }

        foreach ((PathString path, Dialect family) in Families)
        {
            if (request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            {
                route = table.FindDefault(family);
                return route is null
                    ? new RequestError($"No upstream speaks the {DialectNames.NameOf(family)} API.", null, "unknown_url", StatusCodes.Status404NotFound)
                    : null;
            }
        }

        route = table.Default;
        return null;
    }

    // The backend's prefix cache and its fairness know tenants by it: what goes past the stages does not go past those.
    private string? SaltOf(HttpContext context, UpstreamRoute route)
        => route.TakesSalt && prefix.CurrentValue.IsolateScopes ? chain.Salt(scopes.Resolve(context.Request.Headers)) : null;
}
