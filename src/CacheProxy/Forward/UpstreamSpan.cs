using System.Diagnostics;
using System.Globalization;
using CacheProxy.Exchange;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Observability.Tracing;

namespace CacheProxy.Forward;

/// <summary>The span of one try at an upstream, a client's by OpenTelemetry's conventions for generative AI.</summary>
internal static class UpstreamSpan
{
    public static Activity? Start(UpstreamCall call)
    {
        if (!ProxySpans.IsTraced)
        {
            return null;
        }

        // The try before it, whose usage nobody will know.
        CallSpan.End(call.Exchange);
        Activity? span = ProxySpans.Start(ProxySpans.Upstream, ActivityKind.Client);
        if (span is not { IsAllDataRequested: true })
        {
            return span;
        }

        span.SetTag(SpanTags.Method, call.Context.Request.Method)
            .SetTag(SpanTags.UpstreamName, call.Upstream.Name)
            .SetTag(SpanTags.Provider, ProviderOf(call.Upstream.Options.Kind));
        if (Uri.TryCreate(call.Upstream.BaseUrl, UriKind.Absolute, out Uri? address))
        {
            span.SetTag(SpanTags.ServerAddress, address.Host).SetTag(SpanTags.ServerPort, address.Port);
        }

        if (call.Tries > 1)
        {
            span.SetTag(SpanTags.ResendCount, call.Tries - 1);
        }

        if (call.Exchange is { } exchange)
        {
            span.SetTag(SpanTags.Operation, SpanTags.OperationOf(exchange.Dialect));
            if (call.Model is { } model)
            {
                span.SetTag(SpanTags.RequestModel, model);
            }
        }

        return span;
    }

    /// <summary>The upstream has said all; what it counted is known only later.</summary>
    public static void End(Activity span, UpstreamCall call, int status, AttemptResult result)
    {
        span.SetTag(SpanTags.UpstreamResult, UpstreamMetrics.ToTag(result));
        if (status > 0)
        {
            span.SetTag(SpanTags.Status, status);
        }

        if (result is not (AttemptResult.Ok or AttemptResult.Canceled))
        {
            RequestSpan.Fail(span, status >= StatusCodes.Status400BadRequest ? status.ToString(CultureInfo.InvariantCulture) : UpstreamMetrics.ToTag(result));
        }

        if (call.Exchange is { } exchange)
        {
            CallSpan.Keep(exchange, span);
        }
        else
        {
            span.Dispose();
        }
    }

    /// <summary>The names that the conventions have; the settings' own for the others.</summary>
    private static string ProviderOf(UpstreamKind kind) => kind switch
    {
        UpstreamKind.OpenAI => "openai",
        UpstreamKind.Azure => "azure.ai.openai",
        _ => kind.ToTag(),
    };
}
