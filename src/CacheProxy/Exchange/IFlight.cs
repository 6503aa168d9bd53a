namespace CacheProxy.Exchange;

/// <summary>An answer that is made once for all who wait for it.</summary>
public interface IFlight
{
    /// <summary>The request that is sent upstream for all.</summary>
    ExchangeFeature Leader { get; }

    /// <summary>It is known what the upstream billed, and whether the answer became an entry.</summary>
    bool IsSettled { get; }

    /// <summary>Completes with <see cref="IsSettled"/>.</summary>
    Task Settled { get; }

    /// <summary>
    /// The same for the request that leads: what waits here goes on within the call that settles, and must be short. Every miss's row waits so; a thread of the pool for each
    /// would be as dear as the row.
    /// </summary>
    Task SettledForLeader => Settled;

    /// <summary>Completes with <see cref="IsSettled"/>, the way that suits the request.</summary>
    Task SettledFor(ExchangeFeature exchange) => ReferenceEquals(exchange, Leader) ? SettledForLeader : Settled;
}
