namespace CacheProxy.Ledger.Prices;

/// <summary>US dollars per million tokens, by class.</summary>
public record TokenRates
{
    /// <summary>The cheapest and the dearest model ever sold are well inside: what is outside was meant per token, per thousand tokens or in cents.</summary>
    public const decimal Least = 0.0005m;
    public const decimal Most = 2000m;

    /// <summary>A thousand searches are sold for 5 to 50 dollars.</summary>
    public const decimal LeastSearch = 0.1m;
    public const decimal MostSearch = 1000m;

    private const decimal PicodollarsPerTokenAtOneUsd = 1_000_000m;
    private const decimal PicodollarsPerSearchAtOneUsd = 1_000_000_000m;

    public decimal Input { get; init; }

    public decimal Output { get; init; }

    /// <summary>Input read from the provider's cache; null: unknown.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>Input written to the provider's cache; null: charged as input.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Input written to be kept for an hour; null: unknown.</summary>
    public decimal? CacheWriteHour { get; init; }

    /// <summary>1 USD per million tokens is 1,000,000 picodollars a token; finer than one is rounded.</summary>
    public static long Picodollars(decimal usdPerMillion) => (long)Math.Round(usdPerMillion * PicodollarsPerTokenAtOneUsd, MidpointRounding.AwayFromZero);

    /// <summary>1 USD per thousand searches is 1,000,000,000 picodollars a search.</summary>
    public static long PicodollarsOfSearch(decimal usdPerThousand) => (long)Math.Round(usdPerThousand * PicodollarsPerSearchAtOneUsd, MidpointRounding.AwayFromZero);

    /// <summary>0, or what a thousand searches can cost.</summary>
    public static bool IsPlausibleSearch(decimal usdPerThousand) => usdPerThousand is 0 or (>= LeastSearch and <= MostSearch);

    /// <summary>0, or what a million tokens can cost.</summary>
    public static bool IsPlausible(decimal usdPerMillion) => usdPerMillion is 0 or (>= Least and <= Most);

    /// <summary>What is in another unit; null: nothing.</summary>
    public string? UnitFault(string path)
        => OfUnit(path + "input", Input) ?? OfUnit(path + "output", Output) ?? OfUnit(path + "cached_input", CachedInput)
            ?? OfUnit(path + "cache_write", CacheWrite) ?? OfUnit(path + "cache_write_hour", CacheWriteHour);

    private static string? OfUnit(string name, decimal? value)
        => value is { } usd && !IsPlausible(usd) ? $"{name} is {usd}; US dollars per million tokens are expected: 0, or {Least} to {Most}." : null;
}
