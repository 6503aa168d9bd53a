using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.Cli.Reports;

/// <summary>How often semantic hits of the range were wrong.</summary>
/// <param name="Right">Of the served hits that were asked of the upstream again: a random sample.</param>
/// <param name="Wrong">Of that sample.</param>
/// <param name="SaidWrong">Served hits that somebody said were wrong: no sample.</param>
internal readonly record struct SemanticTruth(long Right, long Wrong, long SaidWrong)
{
    public long Audited => Right + Wrong;

    /// <summary>95 %; null: none was audited.</summary>
    public WilsonInterval? Interval => Audited == 0 ? null : WilsonInterval.Of(Wrong, Audited);

    /// <summary>What hits saved, less what the wrong ones among them did.</summary>
    public SemanticSaving SavingOf(Money avoided) => new(avoided, Audited == 0 ? null : (double)Wrong / Audited, Interval?.Upper);

    /// <summary>From the observations beside the ledger; none where there is no file.</summary>
    /// <param name="tenants">Beginnings of the scopes' hashes that count; null: all.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file is locked or damaged.</exception>
    public static SemanticTruth Read(string dataFolder, ReportRange range, IReadOnlyList<string>? tenants)
    {
        string path = Path.Combine(dataFolder, ObservationLog.FileName);
        if (!File.Exists(path))
        {
            return default;
        }

        using ObservationFile file = ObservationFile.OpenForReading(path);
        (long right, long wrong, long said) = (0, 0, 0);
        foreach (Observation observation in file.Read(new ObservationFilter { Since = range.From, IsKnownOnly = true }))
        {
            if (observation.Time >= range.To || !observation.Served || !IsOf(observation, tenants))
            {
                continue;
            }

            bool isWrong = observation.Outcome == ObservationOutcome.Wrong;
            right += observation.Source == ObservationSource.Audit && !isWrong ? 1 : 0;
            wrong += observation.Source == ObservationSource.Audit && isWrong ? 1 : 0;
            said += observation.Source == ObservationSource.Feedback && isWrong ? 1 : 0;
        }

        return new SemanticTruth(right, wrong, said);
    }

    private static bool IsOf(Observation observation, IReadOnlyList<string>? tenants)
        => tenants is null || tenants.Any(tenant => observation.Tenant.StartsWith(tenant, StringComparison.Ordinal));
}
