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
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file is locked or damaged.</exception>
    public static SemanticTruth Read(string dataFolder, ReportRange range)
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
            if (observation.Time >= range.To || !observation.Served || !IsOf(observation, range.Tenant))
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

    // Observations know the scope's hash; without a name of its own a tenant is shown as the beginning of that.
    private static bool IsOf(Observation observation, string? tenant) => tenant is null || observation.Tenant.StartsWith(tenant, StringComparison.Ordinal);
}
