using CacheProxy.Admin.Access;
using CacheProxy.Exchange;
using CacheProxy.Ledger.Findings;
using CacheProxy.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CacheProxy.Dashboard.Figures;

/// <summary>What was noted of questions that nearly hit: why they did not, and their texts where those are kept.</summary>
internal sealed class KnownPairs(FindingsRecorder findings, IOptions<DataOptions> data)
{
    private const int Most = 1000;

    /// <summary>By the two fingerprints; empty where the notes cannot be read: the figures do without them.</summary>
    /// <param name="role">Below the admin's no text is given.</param>
    public async Task<IReadOnlyDictionary<(Fingerprint256 Asked, Fingerprint256 Stored), NearMissPair>> ReadAsync(
        DateTimeOffset from, DateTimeOffset to, AdminRole role, CancellationToken cancellationToken)
    {
        await findings.FlushAsync();
        return await Task.Run(() => Read(from, to, role), cancellationToken);
    }

    private Dictionary<(Fingerprint256 Asked, Fingerprint256 Stored), NearMissPair> Read(DateTimeOffset from, DateTimeOffset to, AdminRole role)
    {
        try
        {
            var filter = new FindingsFilter(DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime), Limit: Most);
            FindingsReport report = new FindingsReader(Path.Combine(data.Value.ResolvePath(), FindingsFile.FileName)).Read(filter);
            return report.NearMisses.ToDictionary(
                pair => (pair.Asked, pair.Stored), pair => role == AdminRole.Admin ? pair : pair with { AskedText = null, StoredText = null });
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return [];
        }
    }
}
