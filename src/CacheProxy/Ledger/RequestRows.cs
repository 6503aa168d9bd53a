using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tenancy;

namespace CacheProxy.Ledger;

/// <summary>Makes the row of a client's request when it is over, or when the answer that it read along is.</summary>
public sealed class RequestRows(ILedger ledger, RequestCosts costs, ScopeResolver scopes, TenantNames tenants, RepeatedHits hits, TimeProvider clock)
{
    /// <param name="status">Of the response; <see cref="LedgerRow.ClientGone"/> where the client left before the end.</param>
    /// <param name="endedTimestamp">When it was over.</param>
    public void Add(ExchangeFeature exchange, int status, long endedTimestamp)
    {
        if (!ledger.IsWanted)
        {
            return;
        }

        double total = clock.GetElapsedTime(exchange.ArrivedTimestamp, endedTimestamp).TotalSeconds;
        if (RepeatedHits.IsPlain(exchange, status))
        {
            AddHit(exchange, status, endedTimestamp, total);
            return;
        }

        if (exchange.Flight is { IsSettled: false } flight)
        {
            // Whatever the upstream bills is known only then; a client that has left changes nothing in it.
            _ = AddSettledAsync(flight, exchange, status, total);
            return;
        }

        ledger.Add(Make(exchange, status, total, clock.GetUtcNow()));
    }

    /// <summary>Of a call that the proxy made by itself, when it is over. Nothing where no upstream was asked: there is nothing to pay.</summary>
    public void AddOwn(ExchangeFeature exchange, LedgerWork work, int status)
    {
        if (exchange.Served is not null && ledger.IsWanted)
        {
            ledger.Add(Make(exchange, status, exchange.UpstreamSeconds, clock.GetUtcNow()) with { Work = work, Outcome = CacheOutcome.Miss, FirstByteSeconds = -1 });
        }
    }

    private async Task AddSettledAsync(IFlight flight, ExchangeFeature exchange, int status, double total)
    {
        await flight.SettledFor(exchange);
        ledger.Add(Make(exchange, status, total, clock.GetUtcNow()));
    }

    private void AddHit(ExchangeFeature exchange, int status, long endedTimestamp, double total)
    {
        // The clock on the wall was read when the answer began to leave: it need not be again.
        DateTimeOffset time = exchange.RepliedAt + clock.GetElapsedTime(exchange.FirstByteTimestamp, endedTimestamp);
        if (hits.Find(exchange, time, total) is { } repeated)
        {
            ledger.Add(repeated, time, FirstByteOf(exchange), total);
            return;
        }

        RepeatedHits.SettingsMark settings = hits.Settings();
        LedgerRow row = Make(exchange, status, total, time);
        ledger.Add(row);
        hits.Note(exchange, row, settings);
    }

    private LedgerRow Make(ExchangeFeature exchange, int status, double total, DateTimeOffset now)
    {
        ExchangeFeature leader = exchange.Flight?.Leader ?? exchange;
        CacheEntry? entry = exchange.Answered ?? leader.Answered ?? leader.Recorded;
        bool isSaving = exchange.Outcome is CacheOutcome.Exact or CacheOutcome.Stale or CacheOutcome.Semantic or CacheOutcome.Collapsed;
        bool wasAsked = !isSaving && exchange.Served is not null;
        TokenCounts usage = wasAsked ? OfAnswer(exchange.Usage, status) : default;
        TokenCounts saved = exchange.Spared ?? (isSaving ? OfAnswer(exchange.Answered?.Answer.Tokens ?? leader.Answered?.Answer.Tokens ?? leader.Usage, status) : default);
        ModelPrice? price = usage != default || saved != default ? costs.PriceOf(leader, isSaving ? entry : null, now) : null;
        return new LedgerRow
        {
            Time = now,
            Tenant = tenants.Of(exchange),
            User = scopes.UserIdOf(exchange.Facts.User),
            Model = exchange.Facts.Model,
            Upstream = wasAsked ? exchange.Served!.Name : null,
            Route = exchange.Route?.Name,
            Namespace = exchange.Namespace,
            Dialect = exchange.Dialect,
            Outcome = exchange.Outcome,
            Reason = exchange.Flags.Reason,
            Status = status,
            Usage = usage,
            Saved = saved,
            Price = price,
            Paid = usage == default ? Money.Zero : costs.Paid(exchange, price),
            Avoided = saved == default ? Money.Zero
                : exchange.Spared is not null ? (price is null ? null : CostArithmetic.Of(saved, price))
                : entry is not null ? costs.Avoided(entry, price)
                : costs.Paid(leader, price),
            Overhead = costs.OwnWork(exchange.OwnWorkSeconds),
            FirstByteSeconds = FirstByteOf(exchange),
            TotalSeconds = total,
            MissSeconds = isSaving ? MissSecondsOf(entry, leader, total) : -1,
            RequestBytes = exchange.Body.Length,
            AnswerBytes = exchange.AnswerBytes,
            EntryId = entry?.Id,
            PrefixId = leader.PrefixId ?? entry?.PrefixId,
            PredictedCachedTokens = usage.Prompt > 0 ? Math.Min(exchange.Expectation.Tokens, usage.Prompt) : -1,
            Similarity = exchange.NearMiss?.Similarity ?? exchange.Similarity,
            NearEntryId = exchange.NearMiss?.EntryId,
        };
    }

    private double FirstByteOf(ExchangeFeature exchange)
        => exchange.FirstByteTimestamp is var first and not 0 ? clock.GetElapsedTime(exchange.ArrivedTimestamp, first).TotalSeconds : -1;

    // Never less than the request itself took, so that no row says that the cache has cost time: whatever held it up, the client's own reading, the pace that answers are
    // replayed at, the wait for another's answer, would have held up a miss too.
    private static double MissSecondsOf(CacheEntry? entry, ExchangeFeature leader, double total)
        => entry is not null ? Math.Max(entry.MissDurationSeconds, total)
            : leader.UpstreamSeconds > 0 ? Math.Max(leader.UpstreamSeconds, total)
            : -1;

    // Nobody bills an error that says nothing of usage; an answer that says nothing is billed all the same, nobody knows for how much.
    private static TokenCounts OfAnswer(in TokenCounts usage, int status)
        => !usage.IsKnown && status is >= 400 and not LedgerRow.ClientGone ? default : usage;
}
