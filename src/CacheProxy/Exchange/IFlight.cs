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
}
