using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Prices;

/// <summary>What no attribute can say of <see cref="LedgerOptions"/>: the units of its prices.</summary>
public sealed class LedgerOptionsValidator : IValidateOptions<LedgerOptions>
{
    public ValidateOptionsResult Validate(string? name, LedgerOptions options)
    {
        List<string> faults = [.. options.Prices.SelectMany(FaultsOf)];
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOf(PriceOverride price, int index)
    {
        string key = $"{LedgerOptions.Section}:Prices:{index}";
        if (price.Model.Trim().Length == 0)
        {
            yield return $"{key}:Model is missing: the names of the models, comma-separated, each of which may end in *.";
        }

        (string Name, decimal? Value)[] values =
        [
            (nameof(price.Input), price.Input), (nameof(price.Output), price.Output), (nameof(price.CachedInput), price.CachedInput),
            (nameof(price.CacheWrite), price.CacheWrite), (nameof(price.CacheWriteHour), price.CacheWriteHour),
        ];
        foreach ((string name, decimal? value) in values)
        {
            if (value is { } usd && !TokenRates.IsPlausible(usd))
            {
                yield return $"{key}:{name} of {price.Model} is {usd}: US dollars per million tokens are expected, 0 or {TokenRates.Least} to {TokenRates.Most}.";
            }
        }

        if (price.Search is { } search && !TokenRates.IsPlausibleSearch(search))
        {
            yield return $"{key}:{nameof(price.Search)} of {price.Model} is {search}: US dollars per thousand searches are expected, 0 or {TokenRates.LeastSearch} to {TokenRates.MostSearch}.";
        }
    }
}
