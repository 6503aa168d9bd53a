using System.Text.Json;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Ledger.Files;

/// <summary>The prices that rows name by number: a row keeps the price of its time, whatever the table says later.</summary>
internal sealed class PriceNumbers
{
    private readonly Dictionary<int, ModelPrice> _prices = [];
    private readonly Dictionary<ModelPrice, int> _numbers = [];

    /// <summary>The greatest number known.</summary>
    public int Last { get; private set; }

    public ModelPrice? Of(int number) => _prices.GetValueOrDefault(number);

    public bool TryFind(ModelPrice price, out int number) => _numbers.TryGetValue(price, out number);

    public void Add(int number, ModelPrice price)
    {
        _prices[number] = price;
        _numbers[price] = number;
        Last = Math.Max(Last, number);
    }

    public static string ToJson(ModelPrice price) => JsonSerializer.Serialize(price, LedgerJsonContext.Default.ModelPrice);

    /// <exception cref="InvalidDataException">It is no price.</exception>
    public void Add(int number, string json)
    {
        try
        {
            Add(number, JsonSerializer.Deserialize(json, LedgerJsonContext.Default.ModelPrice)!);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("The ledger's file has a price that cannot be read.", exception);
        }
    }
}
