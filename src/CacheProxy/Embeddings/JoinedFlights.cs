using CacheProxy.Exchange;
using CacheProxy.Flight;

namespace CacheProxy.Embeddings;

/// <summary>The flights that one request waits for: its own, and those of others. It counts as one waiter of each until it is disposed.</summary>
internal sealed class JoinedFlights : IDisposable
{
    private readonly Dictionary<EmbeddingFlight, ReplayBuffer.Cursor?> _cursors = [];
    private readonly List<(FlightPlace Place, int Distinct)> _places = [];

    /// <summary>
    /// Everything comes from flights whose answers had arrived whole before this request asked: that is no company but a hit, though its
    /// entries are not stored yet.
    /// </summary>
    public bool HasOnlyLanded { get; private set; } = true;

    /// <summary>The one that this request has to start; null: others make all that it needs.</summary>
    public EmbeddingFlight? Own { get; private set; }

    public IEnumerable<EmbeddingFlight> All => _cursors.Keys;

    public EmbeddingFlight Lead(SharedAnswer answer)
    {
        Own = new EmbeddingFlight(answer);
        HasOnlyLanded = false;
        _cursors[Own] = answer.TryAttach();
        return Own;
    }

    /// <summary>False: too late, it is given up.</summary>
    public bool TryJoin(FlightPlace place, int distinct, ExchangeFeature exchange)
    {
        if (!_cursors.ContainsKey(place.Flight))
        {
            if (place.Flight.Answer.TryJoin(exchange, mayBeOver: true) is not { } cursor)
            {
                return false;
            }

            _cursors[place.Flight] = cursor;
        }

        HasOnlyLanded &= place.Flight.Answer.HasSentLastByte;
        _places.Add((place, distinct));
        return true;
    }

    /// <summary>The own flight has nothing to do: its entries were stored a moment ago.</summary>
    public void NoteLanded() => HasOnlyLanded = _cursors.Keys.All(flight => flight == Own || flight.Answer.HasSentLastByte);

    public void Add(FlightPlace place, int distinct) => _places.Add((place, distinct));

    /// <summary>Copies what has arrived.</summary>
    /// <param name="entries">By identity.</param>
    public void CopyTo(CacheEntry?[] entries)
    {
        foreach ((FlightPlace place, int distinct) in _places)
        {
            if (place.Flight.Completed is { IsCompletedSuccessfully: true, Result: true })
            {
                entries[distinct] = place.Flight.EntryOf(place.Index);
            }
        }
    }

    /// <summary>Hands the reading of one over to whoever calls; it must detach from it.</summary>
    public ReplayBuffer.Cursor? Release(EmbeddingFlight flight)
    {
        _cursors.Remove(flight, out ReplayBuffer.Cursor? cursor);
        return cursor;
    }

    public void Dispose()
    {
        foreach (EmbeddingFlight flight in _cursors.Keys)
        {
            flight.Answer.Detach();
        }

        _cursors.Clear();
    }
}
