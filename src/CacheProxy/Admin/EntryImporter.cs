using System.Text.Json;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Stores.Codec;
using CacheProxy.Tenancy;

namespace CacheProxy.Admin;

/// <summary>
/// Reads an export in. What is there and as new stays, so that a second run changes nothing; a run that broke off is simply run again.
/// </summary>
internal sealed class EntryImporter(EntryBook book, EntryTiers tiers, PurgeLog purges, InstallationSecret secret, TimeProvider time)
{
    /// <returns>What was done, also where a fault ended it.</returns>
    public async Task<(ImportReply Reply, RequestError? Fault)> ImportAsync(
        IAsyncEnumerable<(long Number, byte[] Line)> lines, bool isDryRun, CancellationToken cancellationToken)
    {
        var run = new Run(isDryRun, purges.Mark);
        RequestError? fault = null;
        try
        {
            await foreach ((long number, byte[] line) in lines)
            {
                fault = await TakeAsync(run, number, line, cancellationToken);
                if (fault is not null)
                {
                    break;
                }
            }
        }
        catch (InvalidDataException exception)
        {
            fault = new RequestError(exception.Message, null, "line_too_long");
        }

        fault ??= run.HasEnded ? null : new RequestError("The export is cut: its last line is missing. What came was taken over.", null, "export_cut");
        if (!isDryRun && run.Last is { } last && !await book.IsSettledAsync(last, cancellationToken))
        {
            fault ??= RequestError.Unavailable("The store does not take all that is imported; see its log. Run the import again.");
        }

        return (run.ToReply(), fault);
    }

    private async Task<RequestError?> TakeAsync(Run run, long number, byte[] line, CancellationToken cancellationToken)
    {
        try
        {
            if (!run.HasBegun)
            {
                run.HasBegun = true;
                return CheckHead(JsonSerializer.Deserialize(line, AdminJson.Default.ExportHead));
            }

            using JsonDocument document = JsonDocument.Parse(line);
            if (run.HasEnded)
            {
                return Fault(number, "it stands behind the end of the export.");
            }

            if (document.RootElement.TryGetProperty("end", out _))
            {
                run.HasEnded = true;
                long count = document.RootElement.GetProperty("count").GetInt64();
                return count == run.Lines ? null : Fault(number, $"the export has {count} entries, but {run.Lines} came.");
            }

            run.Lines++;
            return EntryCodec.Decode(document.RootElement.GetProperty("entry").GetBytesFromBase64()) is { } entry
                ? await TakeAsync(run, number, entry, cancellationToken)
                : Fault(number, "the entry is damaged.");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return Fault(number, "it is not what an export holds.");
        }
    }

    private RequestError? CheckHead(ExportHead? head) => head switch
    {
        not { Format: ExportHead.FormatName } => Fault(1, "this is no export of entries."),
        { Version: not ExportHead.CurrentVersion } => Fault(1, $"exports of version {head.Version} are not known here."),
        { Codec: not EntryCodec.Version } => Fault(1, $"its entries have layout {head.Codec}, this proxy reads {EntryCodec.Version}."),
        _ when head.Secret != secret.Name => new RequestError(
            "The export was made under another installation secret. Its fingerprints are keyed with that and cannot be made anew, because entries do"
                + " not hold their requests: give both proxies the same Tenants:Secret, or seed the questions instead.",
            "secret", "secret_mismatch", StatusCodes.Status409Conflict),
        _ => null,
    };

    private async Task<RequestError?> TakeAsync(Run run, long number, CacheEntry entry, CancellationToken cancellationToken)
    {
        if (entry.UsableUntil <= time.GetUtcNow())
        {
            run.Expired++;
            return null;
        }

        if (await book.FindAsync(entry.Fingerprint, cancellationToken) is { } present && present.CreatedAt >= entry.CreatedAt)
        {
            run.Skipped++;
            return null;
        }

        run.Imported++;
        if (run.IsDryRun)
        {
            return null;
        }

        run.Last = entry;
        await tiers.StoreAsync(entry, run.Mark, cancellationToken);

        // The store behind takes entries in the background and drops what comes faster than its disk.
        bool isDue = run.Imported % EntryBook.SettleEvery == 0;
        return !isDue || await book.IsSettledAsync(entry, cancellationToken)
            ? null
            : RequestError.Unavailable($"The store did not take line {number}; see its log. Run the import again.");
    }

    private static RequestError Fault(long number, string message) => new($"Line {number}: {message}", $"line {number}", "invalid_line");

    private sealed class Run(bool isDryRun, long mark)
    {
        public bool IsDryRun => isDryRun;

        public long Mark => mark;

        public bool HasBegun { get; set; }

        public bool HasEnded { get; set; }

        public long Lines { get; set; }

        public long Imported { get; set; }

        public long Skipped { get; set; }

        public long Expired { get; set; }

        public CacheEntry? Last { get; set; }

        public ImportReply ToReply() => new(isDryRun, Imported, Skipped, Expired);
    }
}
