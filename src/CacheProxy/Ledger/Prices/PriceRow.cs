namespace CacheProxy.Ledger.Prices;

/// <summary>One model's price during one time, in US dollars per million tokens.</summary>
public sealed record PriceRow : TokenRates
{
    /// <summary>Who sells it.</summary>
    public string Provider { get; init; } = "";

    public string Model { get; init; } = "";

    /// <summary>US dollars per thousand searches that run at the provider; null: unknown.</summary>
    public decimal? Search { get; init; }

    /// <summary>Other names of the same model; without dates and provider prefixes, which are understood anyway.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>The first day it counts; null: always has.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The first day it does not count any more; null: still does.</summary>
    public DateOnly? To { get; init; }

    /// <summary>A prompt with more tokens than this costs <see cref="Above"/>, all of it.</summary>
    public long? AboveTokens { get; init; }

    public TokenRates? Above { get; init; }

    public TokenRates? Batch { get; init; }

    public TokenRates? Flex { get; init; }

    public TokenRates? Priority { get; init; }

    /// <summary>The first letter of the source's name is enough to find it in the file's list.</summary>
    public string Source { get; init; } = "";

    /// <summary>What is wrong with it; null: nothing.</summary>
    public string? Fault()
    {
        string? fault = string.IsNullOrEmpty(Model) || string.IsNullOrEmpty(Provider) ? "model and provider are missing." : UnitFault("");
        fault ??= Above?.UnitFault("above.") ?? Batch?.UnitFault("batch.") ?? Flex?.UnitFault("flex.") ?? Priority?.UnitFault("priority.");
        fault ??= Search is { } search && !IsPlausibleSearch(search)
            ? $"search is {search}; US dollars per thousand searches are expected: 0, or {LeastSearch} to {MostSearch}."
            : null;
        return fault ?? (From >= To ? "from is not before to."
            : (AboveTokens is null) != (Above is null) || AboveTokens <= 0 ? "above_tokens and above belong together."
            : null);
    }

    public ModelPrice ToPrice(string source) => ToPrice(this, source) with
    {
        Search = Search is { } search ? PicodollarsOfSearch(search) : null,
        LongPrompt = Above is null ? null : ToPrice(Above, source),
        LongPromptAbove = AboveTokens ?? long.MaxValue,
        Batch = Batch is null ? null : ToPrice(Batch, source),
        Flex = Flex is null ? null : ToPrice(Flex, source),
        Priority = Priority is null ? null : ToPrice(Priority, source),
    };

    private ModelPrice ToPrice(TokenRates rates, string source) => new()
    {
        Model = Model,
        Provider = Provider,
        Input = Picodollars(rates.Input),
        Output = Picodollars(rates.Output),
        CachedInput = rates.CachedInput is { } cached ? Picodollars(cached) : null,
        CacheWrite = rates.CacheWrite is { } write ? Picodollars(write) : null,
        CacheWriteHour = rates.CacheWriteHour is { } hour ? Picodollars(hour) : null,
        From = From,
        Source = source,
    };
}
