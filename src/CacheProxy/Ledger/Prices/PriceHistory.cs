namespace CacheProxy.Ledger.Prices;

/// <summary>What a model has cost, the newest first. Immutable.</summary>
internal sealed class PriceHistory
{
    private readonly (ModelPrice Price, DateOnly? To)[] _prices;

    private PriceHistory((ModelPrice, DateOnly?)[] prices) => _prices = prices;

    public static PriceHistory None { get; } = new([]);

    public PriceHistory With(PriceRow row, string source)
        => new([.. _prices.Append((row.ToPrice(source), row.To)).OrderByDescending(price => price.Item1.From ?? DateOnly.MinValue)]);

    /// <summary>The price of that day (UTC); null: none was known for it.</summary>
    public ModelPrice? At(DateTimeOffset time)
    {
        DateOnly day = DateOnly.FromDateTime(time.UtcDateTime);
        foreach ((ModelPrice price, DateOnly? to) in _prices)
        {
            if ((price.From is null || day >= price.From) && (to is null || day < to))
            {
                return price;
            }
        }

        return null;
    }
}
