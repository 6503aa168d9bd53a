using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol;

namespace CacheProxy.Flight;

/// <summary>Gives one client a <see cref="SharedAnswer"/>, byte by byte as it comes.</summary>
public sealed class FlightReader(AnswerReplay replay, TimeProvider clock)
{
    /// <param name="isLeader">False: the client joined, which its <c>Cache-Status</c> says.</param>
    /// <returns>False: nothing was written, the answer turned out to lack what the client asked for. The client is detached in any case.</returns>
    internal async Task<bool> TryCopyAsync(HttpContext context, ExchangeFeature exchange, SharedAnswer answer, ReplayBuffer.Cursor cursor, bool isLeader)
    {
        CancellationToken gone = context.RequestAborted;
        exchange.Flight = answer;
        try
        {
            await (isLeader || !ProxySpans.IsTraced ? answer.StartedAt(cursor).WaitAsync(gone) : TracedWaitAsync(answer, cursor, gone));
            if (!isLeader && !answer.MayBring(exchange))
            {
                return false;
            }

            exchange.Outcome = isLeader || answer.Leader.Outcome == CacheOutcome.Semantic ? answer.Leader.Outcome : CacheOutcome.Collapsed;
            if (exchange.StaleEntry is { } stale && await answer.HasNothingAsync(gone))
            {
                await replay.WriteAsync(context, exchange, stale, CacheOutcome.Stale);
                return true;
            }

            WriteHead(context.Response, answer, exchange.Outcome);
            UsageFilter? filter = LacksInterestInUsage(exchange, answer) ? new UsageFilter() : null;
            if (filter is not null)
            {
                context.Response.ContentLength = null;
            }

            await CopyBodyAsync(context, exchange, answer, cursor, filter, gone);
            return true;
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client is gone; whether the upstream goes on is decided by who is left.
            return true;
        }
        finally
        {
            answer.Detach();
        }
    }

    private static async Task TracedWaitAsync(SharedAnswer answer, ReplayBuffer.Cursor cursor, CancellationToken gone)
    {
        using var span = WaitSpan.Start(answer);
        await answer.StartedAt(cursor).WaitAsync(gone);
    }

    private async Task CopyBodyAsync(HttpContext context, ExchangeFeature exchange, SharedAnswer answer, ReplayBuffer.Cursor cursor, UsageFilter? filter, CancellationToken gone)
    {
        bool isFirst = true;
        while (true)
        {
            ReadOnlyMemory<byte> bytes = answer.Read(cursor, out Task? wait);
            if (!bytes.IsEmpty)
            {
                if (isFirst)
                {
                    exchange.FirstByteTimestamp = clock.GetTimestamp();
                    isFirst = false;
                }

                ReadOnlyMemory<byte> wanted = filter?.Pass(bytes.Span) ?? bytes;
                if (!wanted.IsEmpty)
                {
                    await context.Response.Body.WriteAsync(wanted, gone);
                    exchange.AnswerBytes += wanted.Length;
                }

                if (filter is null && answer.HasRead(cursor))
                {
                    return;
                }

                if (!answer.HasFallenBehind(cursor))
                {
                    continue;
                }
            }
            else if (wait is not null)
            {
                if (isFirst)
                {
                    // Headers before the first token, as the upstream sent them.
                    await context.Response.Body.FlushAsync(gone);
                }

                await wait.WaitAsync(gone);
                continue;
            }
            else if (!answer.IsCut)
            {
                if (filter?.End() is { IsEmpty: false } rest)
                {
                    await context.Response.Body.WriteAsync(rest, gone);
                    exchange.AnswerBytes += rest.Length;
                }

                return;
            }

            // A cut answer must not look like a whole one: the connection ends without the last chunk.
            context.Abort();
            return;
        }
    }

    private static bool LacksInterestInUsage(ExchangeFeature exchange, SharedAnswer answer)
        => answer.Key.Mode == FlightMode.Stream
            && answer.IncludesUsage
            && !exchange.Facts.IncludesUsage
            && answer.StatusCode == StatusCodes.Status200OK
            && answer.IsReadableStream
            && answer.Key.Dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions;

    private static void WriteHead(HttpResponse response, SharedAnswer answer, CacheOutcome outcome)
    {
        response.StatusCode = answer.StatusCode;
        foreach (var header in answer.Headers)
        {
            response.Headers[header.Key] = header.Value;
        }

        if (outcome == CacheOutcome.Collapsed)
        {
            response.Headers[HeaderNames.CacheStatus] = StatusHeader.Collapsed;
            // The provider's cookies are the leader's own.
            response.Headers.Remove("Set-Cookie");
        }
    }
}
