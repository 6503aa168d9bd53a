using System.Buffers;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Entry;

/// <summary>
/// Step 1. Reads the body under the cap, finds the scope and the client's wishes and puts <see cref="ExchangeFeature"/> on the request.
/// Refuses only what no upstream could answer; never looks inside the body.
/// </summary>
public sealed class EntryMiddleware(
    RequestDelegate next, ScopeResolver scopes, IOptionsMonitor<ServerOptions> server, IOptionsMonitor<ExactOptions> exact, TimeProvider clock)
{
    public async Task InvokeAsync(HttpContext context)
    {
        long arrived = clock.GetTimestamp();
        HttpRequest request = context.Request;
        if (!IsJson(request.ContentType))
        {
            await ErrorReply.WriteAsync(context, RequestError.UnsupportedMediaType(request.ContentType));
            return;
        }

        if (!ClientWishes.TryRead(request.Headers, out ClientWishes wishes, out RequestError? invalid))
        {
            await ErrorReply.WriteAsync(context, invalid!);
            return;
        }

        DialectPaths.TryFind(request.Path, out Dialect dialect);
        int cap = server.CurrentValue.MaxBodyBytes;
        (byte[]? array, int length) = await RequestBodyReader.ReadAsync(request, cap);
        if (array is null)
        {
            await ErrorReply.WriteAsync(context, RequestError.BodyTooLarge(cap));
            return;
        }

        var exchange = new ExchangeFeature
        {
            Dialect = dialect,
            Scope = scopes.Resolve(request.Headers),
            Sender = scopes.IsShared ? scopes.SenderOf(request.Headers) : default,
            Body = array.AsMemory(0, length),
            Namespace = wishes.Namespace,
            Variant = RequestVariant.Read(request),
            Tags = wishes.Tags,
            TtlSeconds = wishes.TtlSeconds,
            Semantic = wishes.Semantic,
            Directives = CacheControlReader.Read(request.Headers.CacheControl, exact.CurrentValue.ClientDirectives),
            ArrivedTimestamp = arrived,
        };
        LowerFlags(exchange, request);
        context.Features.Set(exchange);
        await next(context);
        if (!exchange.IsBodyKept)
        {
            // Only after a return without a fault: after one, something may still hold the array.
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void LowerFlags(ExchangeFeature exchange, HttpRequest request)
    {
        CacheFlags flags = exchange.Flags;
        if (!exact.CurrentValue.Enabled)
        {
            flags.DenyAll(BypassReason.Disabled);
        }

        if (request.Headers.ContentEncoding.Count > 0)
        {
            flags.DenyAll(BypassReason.Unparsed);
        }

        if (exchange.Directives.NoCache)
        {
            flags.DenyLookup(BypassReason.NoCacheRequested);
            flags.DenyCollapse(BypassReason.NoCacheRequested);
        }

        if (exchange.Directives.NoStore)
        {
            // Not joined either: what others would share of it is a copy that was not wanted.
            flags.DenyStore(BypassReason.NoStoreRequested);
            flags.DenyCollapse(BypassReason.NoStoreRequested);
        }

        if (request.Headers.ContainsKey(HeaderNames.RequestTimeout))
        {
            // Its own deadline may end the answer before those who joined it want it to end.
            flags.DenyCollapse(BypassReason.ClientOptOut);
        }

        if (exchange.TtlSeconds == 0)
        {
            flags.DenyStore(BypassReason.ClientOptOut);
        }
    }

    private static bool IsJson(string? contentType)
    {
        ReadOnlySpan<char> type = contentType;
        int parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
