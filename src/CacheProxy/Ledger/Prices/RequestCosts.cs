using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Prices;

/// <summary>
/// What an exchange cost, and what an answer that the cache gave would have. By the token where somebody sells it so, by the machine's time where it is one's own; a hit
/// saves what its entry's own usage would cost now, and a request that joined another's what that one paid.
/// </summary>
public sealed class RequestCosts(IPriceBook prices, IOptionsMonitor<LedgerOptions> options)
{
    /// <summary>Another object whenever what something costs may have changed without the date having.</summary>
    public object Version => prices.Version;

    /// <summary>By the token; null: unknown, or paid by the hour.</summary>
    /// <param name="leader">The exchange that went upstream, or would have.</param>
    /// <param name="entry">What answered in the upstream's place; null: nothing did.</param>
    public ModelPrice? PriceOf(ExchangeFeature leader, CacheEntry? entry, DateTimeOffset at)
    {
        UpstreamDestination? destination = leader.Route?.Destinations[0];
        if ((leader.Served ?? destination?.Target) is not { } upstream)
        {
            return null;
        }

        string asked = leader.Facts.Model;
        // The answer's own name is the surest: behind a deployment's or an alias' may stand anything.
        ModelPrice? price = Find(entry?.Answer.Model ?? leader.BilledModel, upstream, at)
            ?? Find(destination?.Model, upstream, at)
            ?? Find(leader.Route?.ModelOf(asked), upstream, at)
            ?? Find(asked, upstream, at);
        if (price is null && asked.Length > 0 && !MachinePrice.IsMachine(upstream.Kind))
        {
            prices.TellUnknown(asked);
        }

        return price;
    }

    /// <summary>What the upstream charges for this exchange; null: unknown.</summary>
    public Money? Paid(ExchangeFeature exchange, ModelPrice? price) => Of(exchange.Usage, exchange.MachineSeconds, price);

    /// <summary>What it would have charged had the entry not been there; null: unknown.</summary>
    public Money? Avoided(CacheEntry entry, ModelPrice? price) => Of(entry.Answer.Tokens, entry.MachineSeconds, price);

    /// <summary>Of a machine of one's own, for so long; null: unknown.</summary>
    public Money? OfMachine(double? seconds) => MachinePrice.Of(seconds, PerHour);

    /// <summary>Processor time of the proxy's own models: embedder, verifier, judge. Zero where the machine has no price.</summary>
    public Money OwnWork(double seconds) => MachinePrice.Of(seconds, PerHour) ?? Money.Zero;

    private decimal? PerHour => options.CurrentValue.MachinePricePerHour is > 0 and var perHour ? (decimal)perHour : null;

    private Money? Of(TokenCounts usage, double? machineSeconds, ModelPrice? price)
        => usage == TokenCounts.None ? Money.Zero
            : price is not null ? CostArithmetic.Of(usage, price)
            : MachinePrice.Of(machineSeconds, PerHour);

    private ModelPrice? Find(string? model, UpstreamTarget upstream, DateTimeOffset at) => string.IsNullOrEmpty(model) ? null : prices.FindFor(model, upstream, at);
}
