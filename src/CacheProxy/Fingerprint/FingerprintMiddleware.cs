using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Routes;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Fingerprint;

/// <summary>
/// Step 2. Gives the request its identity and its facts, and lowers the flags of what the cache must not touch. A body that
/// nobody could answer ends here, with the provider's error shape.
/// </summary>
public sealed class FingerprintMiddleware(
    RequestDelegate next, Fingerprinter fingerprinter, FingerprintMemo memo, IUpstreamDirectory upstreams, CachePolicies policies, IOptionsMonitor<ExactOptions> exact)
{
    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        if (exchange.Flags.Reason == BypassReason.Unparsed)
        {
            exchange.Route = upstreams.FindDefault(exchange.Dialect) ?? upstreams.Default;
            return next(context);
        }

        ExactOptions options = exact.CurrentValue;
        FingerprintedRequest? request = memo.Find(exchange, options, out ulong place);
        if (request is null)
        {
            if (!fingerprinter.TryFingerprint(exchange, options, out request, out RequestError? error))
            {
                return ErrorReply.WriteAsync(context, error!);
            }

            memo.Remember(exchange, options, place, request!);
        }

        exchange.Facts = request!.Facts;
        exchange.Fingerprint = request.Fingerprint;
        exchange.Partition = request.Partition;
        exchange.Route = request.Route;
        exchange.Policy = policies.For(exchange, context.Request.Path);
        BypassReason reason = BypassRules.Judge(request, exchange.Policy);
        if (reason != BypassReason.None)
        {
            exchange.Flags.DenyAll(reason);
        }
        else if (!exchange.Policy.Keeps(exchange.TtlSeconds))
        {
            exchange.Flags.DenyStore(BypassReason.TtlZero);
        }

        return next(context);
    }
}
