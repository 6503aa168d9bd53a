using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Observability;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Pipeline;

/// <summary>Step 0, around all others. The one place where a fault of our own ends: the client gets an error in the provider's shape, the process goes on. Counts every request once.</summary>
public sealed partial class RequestBoundary(RequestDelegate next, CacheProxyMetrics metrics, RequestRows rows, TimeProvider clock, ILogger<RequestBoundary> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        Activity? span = RequestSpan.Start(context);
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            Log.ClientGone(logger, context.TraceIdentifier);
            if (context.Features.Get<ExchangeFeature>() is { } left)
            {
                AddRow(context, left, clock.GetTimestamp());
            }

            RequestSpan.End(span, context);
            return;
        }
        catch (BadHttpRequestException exception)
        {
            await AnswerAsync(context, new RequestError(exception.Message, null, "bad_request", exception.StatusCode));
        }
        catch (Exception exception)
        {
            Log.Failed(logger, context.TraceIdentifier, exception);
            await AnswerAsync(context, RequestError.Internal("The proxy failed on this request."));
        }

        if (context.Features.Get<ExchangeFeature>() is { } exchange)
        {
            long ended = clock.GetTimestamp();
            Count(context, exchange, ended);
            AddRow(context, exchange, ended);
        }

        RequestSpan.End(span, context);
    }

    private void AddRow(HttpContext context, ExchangeFeature exchange, long ended)
        => rows.Add(exchange, context.RequestAborted.IsCancellationRequested ? LedgerRow.ClientGone : context.Response.StatusCode, ended);

    private void Count(HttpContext context, ExchangeFeature exchange, long ended)
    {
        metrics.Answered(exchange, context.Response.StatusCode, ended);
        metrics.FirstByte(exchange);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Answered(logger, exchange.Fingerprint.ToShortString(), exchange.Outcome.ToTag(), exchange.Flags.Reason.ToTag(), context.Response.StatusCode);
        }
    }

    private static async Task AnswerAsync(HttpContext context, RequestError error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        await ErrorReply.WriteAsync(context, error);
    }

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Debug, "{Fingerprint}: {Outcome} ({Reason}), status {Status}", EventName = "Answered")]
        public static partial void Answered(ILogger logger, string fingerprint, string outcome, string reason, int status);

        [LoggerMessage(22, LogLevel.Debug, "The client of {Request} is gone", EventName = "ClientGone")]
        public static partial void ClientGone(ILogger logger, string request);

        [LoggerMessage(23, LogLevel.Error, "Request {Request} failed", EventName = "RequestFailed")]
        public static partial void Failed(ILogger logger, string request, Exception exception);
    }
}
