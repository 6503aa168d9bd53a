using CacheProxy.Ledger;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CacheProxy.Dashboard.Figures;

/// <summary>
/// Asks the ledger, and makes of one that cannot answer no figures and a sentence: a page that shows nothing and says why is better than one that
/// breaks.
/// </summary>
internal sealed partial class LedgerFigures(ILedgerReader reader, IOptionsMonitor<LedgerOptions> options, TimeProvider time, ILogger<LedgerFigures> logger)
{
    // A page waits for it; a query beyond this is one that the roll-ups do not serve.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="ask">Told when to give up.</param>
    /// <param name="empty">What there is instead.</param>
    /// <returns>The answer, and why there is none; null: there is.</returns>
    public async Task<(T Answer, string? Notice)> AskAsync<T>(Func<ILedgerReader, CancellationToken, Task<T>> ask, T empty, CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.Enabled)
        {
            return (empty, "The ledger is switched off (Ledger:Enabled): nothing is recorded.");
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return (await ask(reader, either.Token).WaitAsync(either.Token), null);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Log.Slow(logger, Patience.TotalSeconds);
            return (empty, "The ledger did not answer in time; ask for a shorter range.");
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException or InvalidDataException or ObjectDisposedException)
        {
            Log.Failed(logger, exception);
            return (empty, "The ledger cannot be read now: " + exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Warning, "The ledger did not answer the dashboard within {Seconds} s", EventName = "FiguresSlow")]
        public static partial void Slow(ILogger logger, double seconds);

        [LoggerMessage(1302, LogLevel.Warning, "The ledger could not be read for the dashboard", EventName = "FiguresFailed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
