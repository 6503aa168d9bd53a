using CacheProxy.Exchange;

namespace CacheProxy.Flight;

/// <summary>Requests with the same key get the same bytes.</summary>
public readonly record struct FlightKey(Fingerprint256 Fingerprint, FlightMode Mode)
{
    public static FlightKey Of(ExchangeFeature exchange) => new(exchange.Fingerprint, exchange.Facts switch
    {
        { IsStream: false } => FlightMode.Object,
        { IncludesUsage: true } => FlightMode.StreamWithUsage,
        _ => FlightMode.Stream,
    });
}
