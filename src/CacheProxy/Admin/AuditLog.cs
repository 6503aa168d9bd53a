using System.Text.Json;
using CacheProxy.Invalidation;
using CacheProxy.Storage;
using CacheProxy.Stores;
using Microsoft.Extensions.Options;

namespace CacheProxy.Admin;

/// <summary>
/// One line for every action that was asked for, in <c>audit.jsonl</c> of the data folder, which is only ever appended to, and in the log. Holds
/// hashes where a key or a user's name was given.
/// </summary>
public sealed partial class AuditLog(IOptions<DataOptions> data, TimeProvider time, ILogger<AuditLog> logger)
{
    private readonly Lock _lock = new();

    public string FilePath { get; } = Path.Combine(data.Value.ResolvePath(), "audit.jsonl");

    /// <summary>Returns when the line is written, or could not be: what was done is done.</summary>
    public void Write(string action, string who, string subject, long count, bool isDryRun = false, IReadOnlyList<TierCount>? tiers = null)
    {
        var line = new AuditLine(time.GetUtcNow(), action, who, subject, count, isDryRun, tiers);
        Log.Acted(logger, action, who, subject, count, isDryRun);
        try
        {
            byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, AdminJson.Default.AuditLine), (byte)'\n'];
            lock (_lock)
            {
                using FileStream file = OwnerOnly.Open(FilePath, FileMode.Append, FileAccess.Write);
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NotWritten(logger, FilePath, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Information, "Admin: {Action} by {Who}: {Subject}, count {Count}, dry run {DryRun}", EventName = "AdminActed")]
        public static partial void Acted(ILogger logger, string action, string who, string subject, long count, bool dryRun);

        [LoggerMessage(1102, LogLevel.Error, "{File} could not be written ({Reason}): the log alone holds this action", EventName = "AuditNotWritten")]
        public static partial void NotWritten(ILogger logger, string file, string reason);
    }
}
