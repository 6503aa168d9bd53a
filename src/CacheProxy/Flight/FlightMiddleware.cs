using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight;

/// <summary>
/// Step 4. The first miss of a fingerprint sends the rest of the pipeline on its way and reads the answer; the others read it too, from
/// its first byte, while it comes. Failure is shared like success, and not tried again by everybody.
/// </summary>
public sealed class FlightMiddleware
{
    private readonly RequestDelegate _next;
    private readonly FlightTable _table;
    private readonly FlightRunner _runner;
    private readonly FlightReader _reader;
    private readonly AnswerReplay _replay;
    private readonly IOptionsMonitor<FlightOptions> _options;
    private readonly TimeProvider _clock;

    public FlightMiddleware(
        RequestDelegate next, FlightTable table, FlightRunner runner, FlightReader reader, AnswerReplay replay,
        IOptionsMonitor<FlightOptions> options, TimeProvider clock)
    {
        (_next, _table, _runner, _reader, _replay, _options, _clock) = (next, table, runner, reader, replay, options, clock);
        runner.UsePipeline(next);
    }

    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        CacheFlags flags = exchange.Flags;
        if ((!flags.AllowStore && !flags.AllowCollapse) || exchange.Directives.OnlyIfCached)
        {
            exchange.KeepBody();
            return _next(context);
        }

        exchange.KeepBody();
        return flags.AllowCollapse && _options.CurrentValue.Enabled ? ShareAsync(context, exchange) : FlyAloneAsync(context, exchange);
    }

    private async Task ShareAsync(HttpContext context, ExchangeFeature exchange)
    {
        if (!exchange.Facts.IsStream && await TryAnswerFromStreamAsync(context, exchange))
        {
            return;
        }

        FlightKey key = FlightKey.Of(exchange);
        while (true)
        {
            var (answer, cursor, isNew) = _table.JoinOrLead(key, exchange);
            if (isNew)
            {
                _runner.Lead(context, exchange, answer, key);
            }
            else if (answer.IsOver && !answer.IsFailure)
            {
                // All its bytes had left before this request came: that is a hit, not company, or else no business of this request.
                CacheEntry? recorded = await SettledAsync(context, answer);
                answer.Detach();
                _table.Forget(key, answer);
                if (recorded is not null && AnswerReplay.CanAnswer(exchange, recorded) && FreshnessRules.Judge(recorded, exchange.Directives, _clock.GetUtcNow()) == Freshness.Fresh)
                {
                    await _replay.WriteAsync(context, exchange, recorded, CacheOutcome.Exact);
                    return;
                }

                continue;
            }

            await _reader.CopyAsync(context, exchange, answer, cursor, isLeader: isNew);
            return;
        }
    }

    // Takes as long as reading the answer once; it does not wait for a store.
    private static async Task<CacheEntry?> SettledAsync(HttpContext context, SharedAnswer answer)
    {
        await answer.Settled.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answer.Leader.Recorded;
    }

    /// <summary>Waits for the same question's stream, where one is under way that brings all that an object needs.</summary>
    private async Task<bool> TryAnswerFromStreamAsync(HttpContext context, ExchangeFeature exchange)
    {
        var key = new FlightKey(exchange.Fingerprint, FlightMode.StreamWithUsage);
        if (!exchange.Flags.AllowStore || _table.TryJoin(key) is not { } joined)
        {
            return false;
        }

        try
        {
            if (await SettledAsync(context, joined.Answer) is not { } entry || !AnswerReplay.CanAnswer(exchange, entry))
            {
                return context.RequestAborted.IsCancellationRequested;
            }

            await _replay.WriteAsync(context, exchange, entry, CacheOutcome.Collapsed);
            return true;
        }
        finally
        {
            joined.Answer.Detach();
        }
    }

    private Task FlyAloneAsync(HttpContext context, ExchangeFeature exchange)
    {
        SharedAnswer answer = _table.New(exchange);
        ReplayBuffer.Cursor cursor = answer.TryAttach()!;
        _runner.Fly(context, exchange, answer, key: null);
        return _reader.CopyAsync(context, exchange, answer, cursor, isLeader: true);
    }
}
