using System.Diagnostics;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Replay;
using CacheProxy.Flight.Shared;
using CacheProxy.Ledger;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight;

/// <summary>
/// Runs the rest of the pipeline for a <see cref="SharedAnswer"/>, apart from the client that asked first. One task per answer, whose end is
/// always told: by a whole answer, a broken one or an error.
/// </summary>
public sealed partial class FlightRunner(
    FlightTable table, EntryTiers tiers, PurgeLog purges, AnswerReplay replay, IEnumerable<ISharedFlights> shared, FlightPublisher publisher, FlightFollower follower, RequestRows rows,
    IOptionsMonitor<FlightOptions> options, IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<FlightRunner> logger) : IBackgroundRefresh
{
    private readonly ISharedFlights? _shared = shared.FirstOrDefault();
    private RequestDelegate? _next;

    /// <summary>Called once, when the pipeline is built: refreshes start in front of Flight and go on behind it.</summary>
    public void UsePipeline(RequestDelegate next) => _next = next;

    public async Task<RefreshResult> RefreshAsync(HttpContext context, ExchangeFeature exchange, CacheEntry previous)
    {
        return (await AskAsync(context, exchange.ForRefresh(previous), LedgerWork.Refresh)).Result;
    }

    public async Task<(RefreshResult Result, CacheEntry? Entry)> AskAsync(HttpContext context, ExchangeFeature again, LedgerWork work)
    {
        using Activity? span = ProxySpans.StartApart(ProxySpans.Background, again.Origin);
        SharedAnswer answer = table.New(FlightKey.Of(again), again, isOpen: true, outlivesWaiters: true);
        if (!table.TryAdd(answer))
        {
            answer.Dispose();
            return (RefreshResult.NotNeeded, null);
        }

        // Never from the stores, as a client's flight: the entry there is the one to replace.
        await Fly(context, again, answer, mayLookAgain: false);
        rows.AddOwn(again, work, answer.StatusCode);
        return (again.Recorded is null ? RefreshResult.Failed : RefreshResult.Stored, again.Recorded);
    }

    /// <summary>Makes the answer for all who wait for it: from an entry that has landed since its request looked for one, else by the rest of the pipeline.</summary>
    /// <returns>Completes when the answer is stored in every tier, or there is none to store; never fails.</returns>
    internal Task Fly(HttpContext client, ExchangeFeature exchange, SharedAnswer answer, bool mayLookAgain = true)
    {
        exchange.KeepBody();
        exchange.Capture = answer;
        answer.LeaderSpan = Activity.Current?.Context ?? default;
        bool lookAgain = mayLookAgain && exchange.Flags.AllowLookup && table.MayHaveLandedSince(exchange.Fingerprint, exchange.ArrivedTimestamp);
        HttpContext detached = DetachedContext.Create(client, exchange, answer, services);
        return mayLookAgain ? RunAsync(detached, exchange, answer, lookAgain) : RunApartAsync(detached, exchange, answer);
    }

    // The client of a refresh gets its answer meanwhile, and not after the request has been sent.
    private async Task RunApartAsync(HttpContext context, ExchangeFeature exchange, SharedAnswer answer)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await RunAsync(context, exchange, answer, lookAgain: false);
    }

    private async Task RunAsync(HttpContext context, ExchangeFeature exchange, SharedAnswer answer, bool lookAgain)
    {
        // On the leader's thread up to the first wait, which is the upstream's answer: until then there is nothing to read.
        try
        {
            if (_shared is not null && MayFollow(answer, exchange))
            {
                SharedFlightClaim claim = await _shared.ClaimAsync(answer.Key, new SharedFlightNotice(purges.SharedNumber, answer.LeaderSpan), answer.Stopped);
                // What was asked for before a purge is nothing for those who come after it, whichever proxy makes it.
                if (claim.Role == SharedFlightRole.Follower && !purges.CoversOthers(exchange, claim.Notice.PurgesKnown) && await FollowAsync(answer, claim))
                {
                    return;
                }

                if (claim.Role == SharedFlightRole.Leader)
                {
                    if (answer.IsOpen)
                    {
                        publisher.Start(answer, claim.Log!);
                    }
                    else
                    {
                        await claim.Log!.ReleaseAsync(TimeSpan.Zero, hasLanded: false);
                    }
                }

                lookAgain |= claim.HasLanded && exchange.Flags.AllowLookup;
            }

            CacheEntry? landed = lookAgain ? await tiers.FindAsync(exchange, answer.Stopped) : null;
            await (landed is not null && tiers.Answers(landed, exchange) && AnswerReplay.CanAnswer(exchange, landed)
                ? replay.WriteAsync(context, exchange, landed, CacheOutcome.Exact)
                : _next!(context));
            await context.Response.CompleteAsync();
        }
        catch (OperationCanceledException) when (answer.Stopped.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            answer.Break();
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exchange.Fingerprint.ToShortString(), exception);
            await FailAsync(context, answer);
        }
        finally
        {
            answer.Settle();
            table.Remove(answer);
            answer.Land();
        }
    }

    // Who has nothing left to spend leads nobody, but may read along what another proxy pays for.
    private bool MayFollow(SharedAnswer answer, ExchangeFeature exchange)
        => options.CurrentValue.Shared && (answer.IsOpen || (exchange.Refusal is not null && exchange.Flags.AllowCollapse && options.CurrentValue.Enabled));

    private async Task<bool> FollowAsync(SharedAnswer answer, SharedFlightClaim claim)
    {
        using Activity? span = ProxySpans.StartLinked(ProxySpans.Wait, claim.Notice.Trace);
        span?.SetTag(SpanTags.FlightShared, true);
        return await follower.TryFollowAsync(answer, claim.Log!);
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
