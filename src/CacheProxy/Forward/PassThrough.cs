using CacheProxy.Exchange;
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
/// choose a route; the body is not looked into.
/// </summary>
public sealed class PassThrough(
    UpstreamDirectory upstreams, UpstreamForwarder forwarder, PrefixChain chain, ScopeResolver scopes, IOptionsMonitor<PrefixOptions> prefix)
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
        RequestError? error = FindRoute(context.Request, out UpstreamRoute? route);
        error ??= await forwarder.SendAsync(context, route!, exchange: null, SaltOf(context, route!));
        if (error is not null)
        {
            ResponseHeaders.WriteRetryAfter(context.Response, error);
            await ErrorReply.WriteAsync(context, error);
        }
    }

    private RequestError? FindRoute(HttpRequest request, out UpstreamRoute? route)
    {
        RouteTable table = upstreams.Table;
        route = table.FindByPath(request.Path.Value ?? "");
        if (route is not null)
        {
            return null;
        }

        string? model = DeploymentPath.TryRead(request.Path, out string deployment, out _) ? deployment : request.Query["model"].FirstOrDefault();
        if (!string.IsNullOrEmpty(model))
        {
            route = table.FindAny(model);
            return route is null ? RequestError.ModelNotFound(model) : null;
        }

        foreach ((PathString path, Dialect dialect) in Families)
        {
            if (request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            {
                route = table.FindDefault(dialect);
                return route is null
                    ? new RequestError($"No upstream speaks the {DialectNames.NameOf(dialect)} API.", null, "unknown_url", StatusCodes.Status404NotFound)
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
