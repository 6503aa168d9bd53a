using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight;

/// <summary>
/// Step 4. The first miss of a fingerprint sends the rest of the pipeline on its way and reads the answer; the others read it too, from
/// its first byte, while it comes. Failure is shared like success, and not tried again by everybody.
/// </summary>
/// <remarks>
/// Who shares what: the same dialect and form share bytes. An object may also wait for an answer in another form, which it gets when that
/// has become an entry: it would not have a byte earlier by itself. A stream waits for nothing but its own form's bytes: its first
/// byte from the upstream comes before an object's last.
/// </remarks>
public sealed class FlightMiddleware
{
    // How often who waits for an entry looks whether there is still something to wait for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly RequestDelegate _next;
    private readonly FlightTable _table;
    private readonly FlightRunner _runner;
    private readonly FlightReader _reader;
    private readonly EntryServer _entries;
    private readonly AnswerReplay _replay;
    private readonly IOptionsMonitor<FlightOptions> _options;
    private readonly TimeProvider _clock;

    public FlightMiddleware(
        RequestDelegate next, FlightTable table, FlightRunner runner, FlightReader reader, EntryServer entries, AnswerReplay replay,
        IOptionsMonitor<FlightOptions> options, TimeProvider clock)
    {
        (_next, _table, _runner, _reader, _entries, _replay, _options, _clock) = (next, table, runner, reader, entries, replay, options, clock);
        runner.UsePipeline(next);
    }

    public Task InvokeAsync(HttpContext context)
    {
        ExchangeFeature exchange = context.GetExchange();
        exchange.KeepBody();
        return exchange.Flags.AllowLookup && _table.FindLanding(exchange.Fingerprint) is { Length: > 0 } landing
            ? AwaitLandingAsync(context, exchange, landing)
            : GoOn(context, exchange);
    }

    private Task GoOn(HttpContext context, ExchangeFeature exchange)
    {
        CacheFlags flags = exchange.Flags;
        if ((!flags.AllowStore && !flags.AllowCollapse && exchange.StaleEntry is null) || exchange.Directives.OnlyIfCached)
        {
            return _next(context);
        }

        return flags.AllowCollapse && _options.CurrentValue.Enabled ? ShareAsync(context, exchange) : FlyAloneAsync(context, exchange);
    }

    /// <summary>The last byte of an answer had left before this request came: its entry is a hit, not company, though it is not stored yet.</summary>
    private async Task AwaitLandingAsync(HttpContext context, ExchangeFeature exchange, SharedAnswer[] landing)
    {
        foreach (SharedAnswer answer in landing)
        {
            if (_entries.TryServe(context, exchange, await SettledAsync(context, answer)) is { } served)
            {
                await served;
                return;
            }
        }

        await GoOn(context, exchange);
    }

    private async Task ShareAsync(HttpContext context, ExchangeFeature exchange)
    {
        FlightKey key = FlightKey.Of(exchange);
        if (key.Mode == FlightMode.Object && _table.TryJoinOther(key, exchange) is { } other && await TryAnswerFromOtherAsync(context, exchange, other.Answer, other.Cursor))
        {
            return;
        }

        while (true)
        {
            var (answer, cursor, isNew) = _table.JoinOrLead(key, exchange);
            if (isNew)
            {
                _ = _runner.Fly(context, exchange, answer);
            }

            if (await _reader.TryCopyAsync(context, exchange, answer, cursor, isLeader: isNew))
            {
                return;
            }
        }
    }

    /// <summary>Waits for the entry of the same question's answer in another form; a failure of that is this request's too.</summary>
    private async Task<bool> TryAnswerFromOtherAsync(HttpContext context, ExchangeFeature exchange, SharedAnswer answer, ReplayBuffer.Cursor cursor)
    {
        bool isReading = false;
        try
        {
            await answer.Started.WaitAsync(context.RequestAborted);
            if (answer.Key is { Mode: FlightMode.Stream, Dialect: Dialect.OpenAIChat or Dialect.OpenAICompletions } && answer.StatusCode == StatusCodes.Status200OK && !answer.IncludesUsage)
            {
                // An object tells its usage; this stream never will.
                return false;
            }

            if (await SettledAsync(context, answer) is { } entry && AnswerReplay.CanAnswer(exchange, entry))
            {
                await _replay.WriteAsync(context, exchange, entry, CacheOutcome.Collapsed);
                return true;
            }

            isReading = answer.CanBeJoinedBy(FlightKey.Of(exchange), exchange);
            return isReading && await _reader.TryCopyAsync(context, exchange, answer, cursor, isLeader: false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            if (!isReading)
            {
                answer.Detach();
            }
        }
    }

    // From the last byte on it takes as long as reading the answer once; it does not wait for a store. An upstream that has said the last event
    // and keeps its connection open may do so for minutes, which nobody would spend in front of the upstream itself.
    private async Task<CacheEntry?> SettledAsync(HttpContext context, SharedAnswer answer)
    {
        using var span = WaitSpan.Start(answer);
        for (bool wasAtEnd = false; ; wasAtEnd = answer.HasSentLastByte)
        {
            try
            {
                await answer.Settled.WaitAsync(Patience, _clock, context.RequestAborted);
                return answer.Leader.Recorded;
            }
            catch (TimeoutException)
            {
                if (wasAtEnd)
                {
                    return null;
                }
            }
        }
    }

    private Task FlyAloneAsync(HttpContext context, ExchangeFeature exchange)
    {
        SharedAnswer answer = _table.New(FlightKey.Of(exchange), exchange, isOpen: false);
        ReplayBuffer.Cursor cursor = answer.TryAttach(isFirst: true)!;
        if (exchange.Flags.AllowStore)
        {
            // Nobody joins it; whoever comes after its last byte waits for its entry.
            _table.TryAdd(answer);
        }

        _ = _runner.Fly(context, exchange, answer);
        return _reader.TryCopyAsync(context, exchange, answer, cursor, isLeader: true);
    }
}
