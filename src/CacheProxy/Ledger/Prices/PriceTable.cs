namespace CacheProxy.Ledger.Prices;

/// <summary>The rows of a <see cref="PriceFile"/>, found by provider and name. Immutable.</summary>
internal sealed class PriceTable
{
    private readonly Dictionary<(string Provider, string Name), PriceHistory> _rows = [];

    public static PriceTable Empty { get; } = new(new PriceFile());

    public PriceTable(PriceFile file)
    {
        foreach (PriceRow row in file.Models)
        {
            string source = file.Sources.FirstOrDefault(source => source.Name == row.Source) is { } named ? $"{named.Name} ({named.Date})" : row.Source ?? "";
            foreach (string name in (row.Aliases ?? []).Prepend(row.Model))
            {
                (string, string) key = (row.Provider, ModelNames.Normal(name));
                _rows[key] = (_rows.TryGetValue(key, out PriceHistory? before) ? before : PriceHistory.None).With(row, source);
            }
        }
    }

    /// <summary>Null: nobody sells it under that name.</summary>
    public PriceHistory? Find(string model, string? upstreamKind)
    {
        (string? provider, IEnumerable<string> names) = ModelNames.Of(model);
        IReadOnlyList<string> providers = provider is null ? ModelNames.ProvidersOf(upstreamKind)
            : provider == "azure" ? ModelNames.ProvidersOf(provider)
            : [provider];
        return providers.SelectMany(_ => names, (from, name) => _rows.GetValueOrDefault((from, name))).FirstOrDefault(history => history is not null);
    }
}
