using System.Collections.Concurrent;
using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight;

/// <summary>The answers under way, by what they answer. At most one per key.</summary>
public sealed class FlightTable(IOptionsMonitor<FlightOptions> options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<FlightKey, SharedAnswer> _flights = new();

    public int Count => _flights.Count;

    /// <summary>Requests that wait for them.</summary>
    public int Waiters => _flights.Values.Sum(flight => flight.Waiters);

    /// <summary>Attaches to the answer under way for the key, or to a new one.</summary>
    /// <returns>Whether it is new: the caller then has to fly it.</returns>
    internal (SharedAnswer Answer, ReplayBuffer.Cursor Cursor, bool IsNew) JoinOrLead(FlightKey key, ExchangeFeature exchange)
    {
        while (true)
        {
            if (_flights.TryGetValue(key, out SharedAnswer? flying))
            {
                if (flying.TryAttach() is { } place)
                {
                    return (flying, place, false);
                }

                // Given up a moment ago: whoever comes now gets a new one.
                Forget(key, flying);
            }

            SharedAnswer fresh = New(exchange);
            ReplayBuffer.Cursor cursor = fresh.TryAttach()!;
            if (_flights.TryAdd(key, fresh))
            {
                return (fresh, cursor, true);
            }

            fresh.Dispose();
        }
    }

    /// <summary>Attaches to an answer under way; null: there is none.</summary>
    internal (SharedAnswer Answer, ReplayBuffer.Cursor Cursor)? TryJoin(FlightKey key)
        => _flights.TryGetValue(key, out SharedAnswer? flying) && flying.TryAttach() is { } cursor ? (flying, cursor) : null;

    /// <summary>One that nobody can join.</summary>
    internal SharedAnswer New(ExchangeFeature exchange, bool outlivesWaiters = false)
        => new(exchange, options.CurrentValue.MaxBufferBytes, outlivesWaiters || (options.CurrentValue.FinishAbandoned && exchange.Flags.AllowStore));

    /// <summary>Puts one under a key unless there is one already.</summary>
    internal bool TryAdd(FlightKey key, SharedAnswer answer) => _flights.TryAdd(key, answer);

    /// <summary>Takes it away at once.</summary>
    internal void Forget(FlightKey key, SharedAnswer answer) => _flights.TryRemove(KeyValuePair.Create(key, answer));

    /// <summary>Takes it away; a failed one only after the hold, so that those who come right after do not all try again.</summary>
    internal void Remove(FlightKey key, SharedAnswer answer)
    {
        TimeSpan hold = TimeSpan.FromMilliseconds(options.CurrentValue.FailureHoldMilliseconds);
        if (!answer.IsFailure || hold == TimeSpan.Zero || answer.Stopped.IsCancellationRequested)
        {
            Forget(key, answer);
            return;
        }

        _ = RemoveLaterAsync(key, answer, hold);
    }

    private async Task RemoveLaterAsync(FlightKey key, SharedAnswer answer, TimeSpan hold)
    {
        await Task.Delay(hold, clock);
        Forget(key, answer);
    }
}
