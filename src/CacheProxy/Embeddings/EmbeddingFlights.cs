using System.Collections.Concurrent;
using CacheProxy.Exchange;
using CacheProxy.Flight;
using Microsoft.Extensions.Options;

namespace CacheProxy.Embeddings;

/// <summary>The inputs whose vectors are being made, each at most once. Two batches that overlap wait for each other's part of it.</summary>
public sealed class EmbeddingFlights(
    IOptionsMonitor<FlightOptions> flight, IOptionsMonitor<EmbeddingsOptions> options, PurgeLog purges, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Fingerprint256, FlightPlace> _places = new();

    // A batch takes its places as one: two equal ones that come together would else lead a part of each other's, with a call each.
    // Held for look-ups in tables only.
    private readonly Lock _taking = new();

    /// <summary>Inputs under way.</summary>
    public int Count => _places.Count;

    /// <summary>Requests that wait for them.</summary>
    public int Waiters => _places.Values.Select(place => place.Flight).Distinct().Sum(made => made.Answer.Waiters);

    /// <summary>Attaches to whatever makes these inputs already and leads a new flight, not yet started, for the others.</summary>
    /// <param name="missing">Indices of identities.</param>
    /// <param name="mayShare">False: one of its own for all of them, which nobody can join.</param>
    internal JoinedFlights JoinOrLead(ExchangeFeature exchange, EmbeddingBatch batch, IReadOnlyList<int> missing, bool mayShare)
    {
        var joined = new JoinedFlights();
        lock (_taking)
        {
            foreach (int distinct in missing)
            {
                Fingerprint256 fingerprint = batch.Fingerprints[distinct];
                while (true)
                {
                    if (mayShare && _places.TryGetValue(fingerprint, out FlightPlace place))
                    {
                        ExchangeFeature leader = place.Flight.Answer.Leader;
                        if (!purges.Covers(leader, leader.PurgeMark) && joined.TryJoin(place, distinct, exchange))
                        {
                            break;
                        }

                        // Given up a moment ago, or asked for before a purge: whoever comes now makes a new one.
                        _places.TryRemove(KeyValuePair.Create(fingerprint, place));
                    }

                    EmbeddingFlight own = joined.Own ?? joined.Lead(NewAnswer(exchange));
                    var led = new FlightPlace(own, own.Add(fingerprint, batch.First[distinct]));
                    // A budget has nothing left for it: who comes next may have.
                    if (!mayShare || exchange.Refusal is not null || _places.TryAdd(fingerprint, led))
                    {
                        joined.Add(led, distinct);
                        break;
                    }

                    own.RemoveLast();
                }
            }
        }

        return joined;
    }

    /// <summary>A flight for those of the inputs that nobody makes, for nobody to wait for; null: all are being made.</summary>
    internal EmbeddingFlight? TryLead(ExchangeFeature exchange, EmbeddingBatch batch, IReadOnlyList<int> wanted)
    {
        var led = new EmbeddingFlight(NewAnswer(exchange, outlivesWaiters: true));
        lock (_taking)
        {
            foreach (int distinct in wanted)
            {
                if (!_places.TryAdd(batch.Fingerprints[distinct], new FlightPlace(led, led.Add(batch.Fingerprints[distinct], batch.First[distinct]))))
                {
                    led.RemoveLast();
                }
            }
        }

        return led.Inputs.Count > 0 ? led : null;
    }

    internal SharedAnswer NewAnswer(ExchangeFeature exchange, bool outlivesWaiters = false)
    {
        exchange.PurgeMark = purges.Mark;
        return new SharedAnswer(
            FlightKey.Of(exchange), exchange, options.CurrentValue.MaxAnswerBytes, isOpen: false,
            outlivesWaiters || (flight.CurrentValue.FinishAbandoned && exchange.Flags.AllowStore));
    }

    /// <summary>Takes it away; a failed one only after the hold, so that those who come right after do not all try again.</summary>
    internal void Remove(EmbeddingFlight landed)
    {
        TimeSpan hold = TimeSpan.FromMilliseconds(flight.CurrentValue.FailureHoldMilliseconds);
        bool isHeld = landed.Answer.IsFailure && landed.Answer.Leader.Refusal is null && hold > TimeSpan.Zero && !landed.Answer.Stopped.IsCancellationRequested;
        _ = isHeld ? RemoveLaterAsync(landed, hold) : Forget(landed);
    }

    private async Task RemoveLaterAsync(EmbeddingFlight landed, TimeSpan hold)
    {
        await Task.Delay(hold, clock);
        await Forget(landed);
    }

    private Task Forget(EmbeddingFlight landed)
    {
        for (int i = 0; i < landed.Fingerprints.Count; i++)
        {
            _places.TryRemove(KeyValuePair.Create(landed.Fingerprints[i], new FlightPlace(landed, i)));
        }

        return Task.CompletedTask;
    }
}
