namespace CacheProxy.Ledger.Prices;

/// <summary>What answers of a machine of one's own cost: its seconds, at what it costs by the hour, whatever the tokens.</summary>
public static class MachinePrice
{
    private const decimal NanodollarsPerUsd = 1_000_000_000m;
    private const decimal SecondsPerHour = 3600m;

    // A century of them; more is no time that anything took.
    private const double MostSeconds = 100.0 * 366 * 86_400;

    /// <summary>Kinds of upstreams that sell no tokens: servers that one runs oneself, the bundled backend among them.</summary>
    public static bool IsMachine(string? upstreamKind) => upstreamKind is "cacheproxy" or "vllm" or "sglang" or "llamacpp" or "ollama";

    /// <summary>Null: the time or the price is unknown.</summary>
    /// <param name="usdPerHour"><c>Ledger:MachinePricePerHour</c>; null: not said.</param>
    public static Money? Of(double? seconds, decimal? usdPerHour)
    {
        if (usdPerHour is not { } price || seconds is not { } taken || !double.IsFinite(taken) || taken < 0 || taken > MostSeconds)
        {
            return null;
        }

        decimal nanodollars = Math.Round((decimal)taken * price * NanodollarsPerUsd / SecondsPerHour, MidpointRounding.AwayFromZero);
        return nanodollars <= long.MaxValue ? new Money((long)nanodollars) : null;
    }
}
