using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Ledger.Prices;

/// <summary>A price of one's own, which goes before the table and before a machine's. US dollars per million tokens; reloads while running.</summary>
public sealed class PriceOverride
{
    /// <summary>Names of models, comma-separated, each of which may end in <c>*</c>; as they are sent upstream or as the upstream's answer names them.</summary>
    [Required]
    public string Model { get; set; } = "";

    /// <summary>Name of the upstream for which it counts; empty: all.</summary>
    public string Upstream { get; set; } = "";

    public decimal Input { get; set; }

    public decimal Output { get; set; }

    /// <summary>Input read from the provider's cache; absent: unknown.</summary>
    public decimal? CachedInput { get; set; }

    /// <summary>Input written to the provider's cache; absent: charged as input.</summary>
    public decimal? CacheWrite { get; set; }

    /// <summary>Input written to be kept for an hour; absent: unknown.</summary>
    public decimal? CacheWriteHour { get; set; }

    /// <summary>US dollars per 1,000 searches that run at the provider, where it counts them (Anthropic does); absent: unknown.</summary>
    public decimal? Search { get; set; }

    internal bool Fits(string model, string? upstream)
    {
        if (Upstream.Length > 0 && Upstream != upstream)
        {
            return false;
        }

        foreach (string pattern in Model.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (pattern.EndsWith('*') ? model.AsSpan().StartsWith(pattern.AsSpan(..^1), StringComparison.Ordinal) : model == pattern)
            {
                return true;
            }
        }

        return false;
    }

    internal ModelPrice ToPrice() => new()
    {
        Model = Model,
        Provider = Upstream,
        Input = TokenRates.Picodollars(Input),
        Output = TokenRates.Picodollars(Output),
        CachedInput = CachedInput is { } cached ? TokenRates.Picodollars(cached) : null,
        CacheWrite = CacheWrite is { } write ? TokenRates.Picodollars(write) : null,
        CacheWriteHour = CacheWriteHour is { } hour ? TokenRates.Picodollars(hour) : null,
        Search = Search is { } search ? TokenRates.PicodollarsOfSearch(search) : null,
        Source = "Ledger:Prices",
    };
}
