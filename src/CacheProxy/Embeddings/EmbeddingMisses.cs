using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Flight;
using CacheProxy.Ledger;
using CacheProxy.Observability;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Embeddings;

/// <summary>
/// Gets the inputs that no entry answers: joins those under way, sends the rest upstream in one call, and puts the answer together. What an
/// upstream said of a whole request reaches its client as it was said; of a part, only what holds for the whole as well.
/// </summary>
internal sealed class EmbeddingMisses(
    EmbeddingFlights flights, EmbeddingRunner runner, EntryBatches tiers, FlightReader reader, EmbeddingReplies replies, RefreshAttempts attempts,
    RequestRows rows, CacheProxyMetrics metrics, IOptionsMonitor<FlightOptions> options, TimeProvider clock)
{
    private static readonly RequestError BrokenOff = new(
        "The upstream broke off before it answered.", null, "upstream_unreachable", StatusCodes.Status502BadGateway, RequestError.ServerError);

    /// <summary>The request as it came, its answer as it comes; an answer that fits is stored.</summary>
    public async Task ForwardWholeAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, RequestDelegate next)
    {
        using var joined = new JoinedFlights();
        EmbeddingFlight whole = joined.Lead(flights.NewAnswer(exchange));
        for (int i = 0; i < batch.Inputs.Length; i++)
        {
            whole.Add(batch.Fingerprints[batch.Distinct[i]], i);
        }

        runner.Start(context, exchange, batch, whole, isWhole: true, next);
        await PassOnAsync(context, exchange, batch, joined, whole, isLeader: true);
    }

    /// <summary>Asks for stale inputs again, for nobody but the cache; not for those whose last refresh failed a short while ago.</summary>
    public void Refresh(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, IReadOnlyList<int> stale, RequestDelegate next)
    {
        int[] due = [.. stale.Where(distinct => attempts.TryBegin(batch.Fingerprints[distinct]))];
        if (due.Length == 0)
        {
            return;
        }

        ExchangeFeature refresh = exchange.ForRefresh();
        EmbeddingFlight? flight = flights.TryLead(refresh, batch, due);
        Fingerprint256[] led = flight is null ? [] : [.. flight.Fingerprints];
        foreach (Fingerprint256 others in due.Select(distinct => batch.Fingerprints[distinct]).Except(led))
        {
            attempts.End(others);
            metrics.Refreshed(RefreshReason.Stale.ToTag(), RefreshResult.NotNeeded.ToTag());
        }

        if (flight is not null)
        {
            runner.Start(context, refresh, batch, flight, isWhole: false, next);
            _ = FinishRefreshAsync(flight, refresh, led);
        }
    }

    private async Task FinishRefreshAsync(EmbeddingFlight flight, ExchangeFeature refresh, Fingerprint256[] fingerprints)
    {
        RefreshResult result = await flight.Completed ? RefreshResult.Stored : RefreshResult.Failed;
        rows.AddOwn(refresh, LedgerWork.Refresh, flight.Answer.StatusCode);
        foreach (Fingerprint256 fingerprint in fingerprints)
        {
            metrics.Refreshed(RefreshReason.Stale.ToTag(), result.ToTag());
            if (result == RefreshResult.Failed)
            {
                attempts.Fail(fingerprint);
            }
            else
            {
                attempts.End(fingerprint);
            }
        }
    }

    public async Task MakeAsync(HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, BatchEntries known, RequestDelegate next)
    {
        bool mayShare = exchange.Flags.AllowCollapse && options.CurrentValue.Enabled;
        using JoinedFlights joined = flights.JoinOrLead(exchange, batch, known.Missing, mayShare);
        bool isWhole = joined.Own?.Inputs.Count == batch.Inputs.Length;
        bool hasLanded = mayShare && joined.Own is { } led && TryLand(exchange, batch, led);
        if (hasLanded)
        {
            joined.NoteLanded();
        }
        else if (joined.Own is { } own)
        {
            runner.Start(context, exchange, batch, own, isWhole, next);
            if (isWhole && Array.TrueForAll(known.IfError, entry => entry is null))
            {
                await PassOnAsync(context, exchange, batch, joined, own, isLeader: true);
                return;
            }
        }

        EmbeddingFlight? failed = null;
        foreach (EmbeddingFlight flight in joined.All)
        {
            failed = await IsMadeAsync(flight, isOwn: flight == joined.Own, context.RequestAborted) ? failed : flight;
        }

        CacheEntry?[] entries = [.. known.Usable];
        joined.CopyTo(entries);
        if (BatchEntries.AreWhole(entries))
        {
            await (joined.HasOnlyLanded
                ? replies.WriteHitAsync(context, exchange, batch, entries, known.IsStale)
                : replies.WriteMadeAsync(context, exchange, batch, entries, hasLanded ? null : joined.Own, known.Found));
        }
        else if (failed is not null && failed.Answer.IsFailure && TryAddStale(entries, known))
        {
            await replies.WriteHitAsync(context, exchange, batch, entries, isStale: true);
        }
        else if (failed is not null && ((failed == joined.Own && (isWhole || exchange.Refusal is not null)) || HoldsForAll(failed.Answer)))
        {
            await PassOnAsync(context, exchange, batch, joined, failed, isLeader: failed == joined.Own);
        }
        else
        {
            // A part was refused that may be another's, an answer did not fit, or the model behind the name has changed: the whole, alone, decides.
            await ForwardWholeAsync(context, exchange, batch, next);
        }
    }

    private static async Task<bool> IsMadeAsync(EmbeddingFlight flight, bool isOwn, CancellationToken gone)
    {
        using WaitSpan span = isOwn ? default : WaitSpan.Start(flight.Answer);
        return await flight.Completed.WaitAsync(gone);
    }

    /// <summary>What a request finds missing may have been stored before it could lead: then nothing has to be sent.</summary>
    private bool TryLand(ExchangeFeature exchange, EmbeddingBatch batch, EmbeddingFlight own)
    {
        var landed = new CacheEntry?[batch.Fingerprints.Length];
        tiers.FindAtOnce(batch.Fingerprints, landed);
        CacheEntry[] entries = [.. own.Inputs.Select(input => landed[batch.Distinct[input]]).OfType<CacheEntry>()];
        DateTimeOffset now = clock.GetUtcNow();
        bool isAll = entries.Length == own.Fingerprints.Count && Array.TrueForAll(entries, entry =>
            entry.Scope == exchange.Scope.Id && StoredVector.TryRead(entry, out _) && FreshnessRules.Judge(entry, exchange, now) == Freshness.Fresh);
        if (isAll)
        {
            own.Succeed(entries);
            flights.Remove(own);
        }

        return isAll;
    }

    private async Task PassOnAsync(
        HttpContext context, ExchangeFeature exchange, EmbeddingBatch batch, JoinedFlights joined, EmbeddingFlight flight, bool isLeader)
    {
        replies.WriteFound(context, batch, 0);
        if (!isLeader && flight.Answer.IsCut)
        {
            exchange.Outcome = CacheOutcome.Collapsed;
            await ErrorReply.WriteAsync(context, BrokenOff);
            return;
        }

        exchange.Outcome = exchange.Flags.AllowLookup ? CacheOutcome.Miss : CacheOutcome.Bypass;
        await reader.TryCopyAsync(context, exchange, flight.Answer, joined.Release(flight)!, isLeader);
    }

    private static bool TryAddStale(CacheEntry?[] entries, BatchEntries known)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] ??= known.IfError[i];
        }

        return BatchEntries.AreWhole(entries);
    }

    // Who may ask and whether anybody answers is the same for every part; what is wrong with an input is not, nor what is left in another's budget.
    private static bool HoldsForAll(SharedAnswer answer) => answer.Leader.Refusal is null && IsOfTheUpstream(answer);

    private static bool IsOfTheUpstream(SharedAnswer answer) => answer.IsCut || answer.StatusCode is >= StatusCodes.Status500InternalServerError
        or StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound
        or StatusCodes.Status429TooManyRequests;
}
