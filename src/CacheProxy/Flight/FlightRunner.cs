using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Flight;

/// <summary>
/// Runs the rest of the pipeline for a <see cref="SharedAnswer"/>, apart from the client that asked first. One task per answer, whose end is
/// always told: by a whole answer, a broken one or an error.
/// </summary>
public sealed partial class FlightRunner(
    FlightTable table, EntryTiers tiers, AnswerReplay replay, IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<FlightRunner> logger) : IBackgroundRefresh
{
    private RequestDelegate? _next;

    /// <summary>Called once, when the pipeline is built: refreshes start in front of Flight and go on behind it.</summary>
    public void UsePipeline(RequestDelegate next) => _next = next;

    public void Start(HttpContext context, ExchangeFeature exchange)
    {
        ExchangeFeature refresh = exchange.ForRefresh();
        SharedAnswer answer = table.New(refresh, outlivesWaiters: true);
        FlightKey key = FlightKey.Of(refresh);
        if (table.TryAdd(key, answer))
        {
            Lead(context, refresh, answer, key);
        }
    }

    /// <summary>Makes the answer for all who wait at the key: from the entry that has landed since this request looked, else from the upstream.</summary>
    internal void Lead(HttpContext client, ExchangeFeature exchange, SharedAnswer answer, FlightKey key)
    {
        CacheEntry? landed = exchange.Flags.AllowLookup ? tiers.FindAtOnce(exchange) : null;
        Fly(client, exchange, answer, key, landed is null || !AnswerReplay.CanAnswer(exchange, landed) ? null : detached => replay.WriteAsync(detached, exchange, landed, CacheOutcome.Exact));
    }

    /// <param name="key">Where it stands in the table; null: nobody can join it.</param>
    /// <param name="shortCut">Makes the answer in place of the rest of the pipeline.</param>
    internal void Fly(HttpContext client, ExchangeFeature exchange, SharedAnswer answer, FlightKey? key, RequestDelegate? shortCut = null)
    {
        exchange.KeepBody();
        exchange.Capture = answer;
        HttpContext context = DetachedContext.Create(client, exchange, answer, services);
        _ = RunAsync(context, answer, key, shortCut ?? _next!);
    }

    private async Task RunAsync(HttpContext context, SharedAnswer answer, FlightKey? key, RequestDelegate work)
    {
        // Away from the leader's thread: the pipeline's first synchronous part must not hold up its own reader.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await work(context);
            await context.Response.CompleteAsync();
        }
        catch (OperationCanceledException) when (answer.Stopped.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            answer.Break();
        }
        catch (Exception exception)
        {
            Log.Failed(logger, answer.Leader.Fingerprint.ToShortString(), exception);
            await FailAsync(context, answer);
        }
        finally
        {
            answer.Settle();
            if (key is { } place)
            {
                table.Remove(place, answer);
            }
        }
    }

    private static async Task FailAsync(HttpContext context, SharedAnswer answer)
    {
        if (answer.HasStarted)
        {
            answer.Break();
            return;
        }

        answer.Leader.Outcome = CacheOutcome.Miss;
        await ErrorReply.WriteAsync(context, RequestError.Internal("The proxy failed while it made the answer."));
        answer.Complete();
    }

    private static partial class Log
    {
        [LoggerMessage(401, LogLevel.Error, "The flight of {Fingerprint} failed", EventName = "FlightFailed")]
        public static partial void Failed(ILogger logger, string fingerprint, Exception exception);
    }
}
