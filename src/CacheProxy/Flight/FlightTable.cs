using System.Diagnostics;
using System.Runtime.InteropServices;
using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Flight;

/// <summary>
/// The answers under way, by the question that they answer. A question has at most one that can be joined per <see cref="FlightKey"/>, and
/// beside it those that nobody may join, but whose entry is worth waiting for once their last byte has left.
/// </summary>
public sealed class FlightTable(IOptionsMonitor<FlightOptions> options, PurgeLog purges, TimeProvider clock)
{
    // 32 KB. Questions that share a slot only cost each other a look-up.
    private const int LandedSlots = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<Fingerprint256, SharedAnswer> _flights = [];
    private readonly long[] _landed = CreateLanded();

    /// <summary>Answers under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _flights.Values.Sum(first => Chain(first).Count());
            }
        }
    }

    /// <summary>Requests that wait for them.</summary>
    public int Waiters
    {
        get
        {
            lock (_lock)
            {
                return _flights.Values.Sum(first => Chain(first).Sum(flight => flight.Waiters));
            }
        }
    }

    /// <summary>Attaches to the answer under way for the key, or to a new one.</summary>
    /// <returns>Whether it is new: the caller then has to fly it.</returns>
    internal (SharedAnswer Answer, ReplayBuffer.Cursor Cursor, bool IsNew) JoinOrLead(FlightKey key, ExchangeFeature exchange)
    {
        lock (_lock)
        {
            if (TryJoin_NeedsLock(key, exchange) is { } joined)
            {
                return (joined.Answer, joined.Cursor, false);
            }

            SharedAnswer fresh = New(key, exchange, isOpen: true);
            ReplayBuffer.Cursor cursor = fresh.TryAttach(isFirst: true)!;
            Add_NeedsLock(fresh);
            return (fresh, cursor, true);
        }
    }

    /// <summary>Attaches to an answer to the same question in another form; null: none is under way that could become an entry.</summary>
    internal (SharedAnswer Answer, ReplayBuffer.Cursor Cursor)? TryJoinOther(FlightKey key, ExchangeFeature exchange)
    {
        lock (_lock)
        {
            if (!_flights.TryGetValue(key.Fingerprint, out SharedAnswer? first))
            {
                return null;
            }

            foreach (SharedAnswer flight in Chain(first))
            {
                if (flight.Key != key && flight.IsOpen && !IsPurged(flight) && flight.Leader.Flags.AllowStore && !flight.IsOver && flight.TryJoin(exchange) is { } cursor)
                {
                    return (flight, cursor);
                }
            }

            return null;
        }
    }

    /// <summary>Those answers to the question, in any form, whose last byte has left and that may be on their way to become an entry.</summary>
    internal SharedAnswer[] FindLanding(Fingerprint256 fingerprint)
    {
        lock (_lock)
        {
            return _flights.TryGetValue(fingerprint, out SharedAnswer? first)
                ? [.. Chain(first).Where(flight => flight.Leader.Flags.AllowStore && flight.HasSentLastByte && !flight.IsFailure && !IsPurged(flight))]
                : [];
        }
    }

    /// <summary>
    /// An answer to the question may have become an entry since the request looked for one. Never false when one has: an entry is
    /// stored before its flight is marked here, and marked before it leaves the table.
    /// </summary>
    internal bool MayHaveLandedSince(Fingerprint256 fingerprint, long arrivedTimestamp) => Volatile.Read(ref Slot(fingerprint)) >= arrivedTimestamp;

    /// <summary>A new one that is not in the table.</summary>
    /// <param name="isOpen">It can be joined.</param>
    internal SharedAnswer New(FlightKey key, ExchangeFeature exchange, bool isOpen, bool outlivesWaiters = false)
    {
        exchange.PurgeMark = purges.Mark;
        return new(key, exchange, options.CurrentValue.MaxBufferBytes, isOpen, outlivesWaiters || (options.CurrentValue.FinishAbandoned && exchange.Flags.AllowStore));
    }

    /// <summary>Puts one into the table, unless it can be joined and there is such a one for its key already.</summary>
    internal bool TryAdd(SharedAnswer answer)
    {
        lock (_lock)
        {
            if (answer.IsOpen && _flights.TryGetValue(answer.Key.Fingerprint, out SharedAnswer? first)
                && Chain(first).Any(flight => flight.IsOpen && flight.Key == answer.Key && !flight.IsOver))
            {
                return false;
            }

            Add_NeedsLock(answer);
            return true;
        }
    }

    /// <summary>Takes it away; a failed one only after the hold, so that those who come right after do not all try again.</summary>
    internal void Remove(SharedAnswer answer)
    {
        TimeSpan hold = TimeSpan.FromMilliseconds(options.CurrentValue.FailureHoldMilliseconds);
        if (answer.IsOpen && answer.IsFailure && hold > TimeSpan.Zero && !answer.Stopped.IsCancellationRequested)
        {
            _ = RemoveLaterAsync(answer, hold);
            return;
        }

        if (answer.Leader.Recorded is not null)
        {
            Volatile.Write(ref Slot(answer.Key.Fingerprint), clock.GetTimestamp());
        }

        RemoveNow(answer);
    }

    private async Task RemoveLaterAsync(SharedAnswer answer, TimeSpan hold)
    {
        await Task.Delay(hold, clock);
        RemoveNow(answer);
    }

    private (SharedAnswer Answer, ReplayBuffer.Cursor Cursor)? TryJoin_NeedsLock(FlightKey key, ExchangeFeature exchange)
    {
        if (!_flights.TryGetValue(key.Fingerprint, out SharedAnswer? first))
        {
            return null;
        }

        foreach (SharedAnswer flight in Chain(first))
        {
            if (flight.CanBeJoinedBy(key, exchange) && !IsPurged(flight) && flight.TryJoin(exchange) is { } cursor)
            {
                return (flight, cursor);
            }
        }

        return null;
    }

    private void Add_NeedsLock(SharedAnswer answer)
    {
        ref SharedAnswer? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_flights, answer.Key.Fingerprint, out _);
        answer.NextOfSameQuestion = first;
        first = answer;
    }

    private void RemoveNow(SharedAnswer answer)
    {
        lock (_lock)
        {
            if (!_flights.TryGetValue(answer.Key.Fingerprint, out SharedAnswer? first))
            {
                return;
            }

            if (first == answer && answer.NextOfSameQuestion is null)
            {
                _flights.Remove(answer.Key.Fingerprint);
                return;
            }

            // Rare and short: several answers to one question at the same time.
            SharedAnswer? rest = null;
            foreach (SharedAnswer flight in Chain(first).Where(flight => flight != answer).Reverse().ToArray())
            {
                flight.NextOfSameQuestion = rest;
                rest = flight;
            }

            Debug.Assert(rest is not null);
            _flights[answer.Key.Fingerprint] = rest;
        }
    }

    // What was purged since it was asked for is nothing for those who come now.
    private bool IsPurged(SharedAnswer flight) => purges.Covers(flight.Leader, flight.Leader.PurgeMark);

    private static IEnumerable<SharedAnswer> Chain(SharedAnswer? flight)
    {
        for (; flight is not null; flight = flight.NextOfSameQuestion)
        {
            yield return flight;
        }
    }

    private ref long Slot(Fingerprint256 fingerprint) => ref _landed[(uint)fingerprint.GetHashCode() % LandedSlots];

    private static long[] CreateLanded()
    {
        long[] slots = new long[LandedSlots];
        slots.AsSpan().Fill(long.MinValue);
        return slots;
    }
}
