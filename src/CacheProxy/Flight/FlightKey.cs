using CacheProxy.Exchange;

namespace CacheProxy.Flight;

/// <summary>Requests with the same key get the same bytes, but for the usage chunk of a stream, which is only for those who asked for it.</summary>
public readonly record struct FlightKey(Fingerprint256 Fingerprint, Dialect Dialect, FlightMode Mode)
{
    public static FlightKey Of(ExchangeFeature exchange)
        => new(exchange.Fingerprint, exchange.Dialect, exchange.Facts.IsStream ? FlightMode.Stream : FlightMode.Object);
}
