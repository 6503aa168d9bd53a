using CacheProxy.Exchange.Routes;

namespace CacheProxy.Ledger.Prices;

/// <summary>What tokens cost. Never waits, and does not allocate for a model that it was asked for before.</summary>
public interface IPriceBook
{
    /// <summary>Null: nobody knows what it costs; never a price of zero in its place.</summary>
    /// <param name="model">As the upstream calls it: the model that was sent, else the one that it says answered. Provider prefixes and dated versions are understood.</param>
    /// <param name="upstreamKind">The upstream's <c>Kind</c>; null: not known.</param>
    /// <param name="at">Prices change: the one of that time.</param>
    ModelPrice? Find(string model, string? upstreamKind, DateTimeOffset at);

    /// <summary>The same where the upstream is known: prices may be set for one alone.</summary>
    ModelPrice? FindFor(string model, UpstreamTarget upstream, DateTimeOffset at) => Find(model, upstream.Kind, at);

    /// <summary>Another object whenever a price may have changed without the date having.</summary>
    object Version => this;

    /// <summary>Says once for each model that its price is unknown.</summary>
    void TellUnknown(string model);
}
