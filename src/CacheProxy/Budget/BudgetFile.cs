using System.Text.Json;
using CacheProxy.Storage;

namespace CacheProxy.Budget;

/// <summary>
/// What is used of the budgets, in <c>budgets.json</c> of the data folder: a restart goes on counting where the last process stopped. A file
/// that cannot be read is put aside and the counts begin anew; one that cannot be written is said once.
/// </summary>
internal sealed partial class BudgetFile(string folder, ILogger<BudgetFile> logger)
{
    private const string Name = "budgets.json";

    private readonly string _path = Path.Combine(folder, Name);
    private bool _isFailing;

    /// <summary>Reads all into the book.</summary>
    public void Load(BudgetBook book)
    {
        try
        {
            if (!File.Exists(_path))
            {
                return;
            }

            foreach (SavedWindow window in JsonSerializer.Deserialize(File.ReadAllBytes(_path), BudgetJson.Default.SavedWindowArray) ?? [])
            {
                var span = new WindowSpan(DateTimeOffset.FromUnixTimeSeconds(window.Start), DateTimeOffset.FromUnixTimeSeconds(window.End));
                book.Restore(new AccountKey(window.Budget, window.Tenant, window.User, window.Model), span, window.Shares.Select(Read));
            }
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Log.NotRead(logger, _path, exception.Message);
            PutAside();
        }
    }

    /// <summary>Writes all windows, where one has changed since.</summary>
    /// <param name="proxy">Whose the own shares are.</param>
    /// <returns>How many there are.</returns>
    public int Save(BudgetBook book, string proxy)
    {
        AccountWindow[] windows = book.Windows;
        SavedWindow[] saved;
        long[] changes;
        lock (book.Lock)
        {
            if (Array.TrueForAll(windows, window => window.Saved == window.Changes))
            {
                return windows.Length;
            }

            saved = [.. windows.Where(window => window.Changes > 0 || window.Others.Count > 0).Select(window => Write(window, proxy))];
            changes = [.. windows.Select(window => window.Changes)];
        }

        try
        {
            OwnerOnly.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(saved, BudgetJson.Default.SavedWindowArray));
            lock (book.Lock)
            {
                for (int i = 0; i < windows.Length; i++)
                {
                    windows[i].Saved = changes[i];
                }
            }

            _isFailing = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.NotWritten(logger, _path, exception.Message);
            }
        }

        return windows.Length;
    }

    private static SavedWindow Write(AccountWindow window, string proxy)
    {
        AccountKey key = window.Account.Key;
        var shares = window.Others.ToDictionary(pair => pair.Key, pair => Write(pair.Value), StringComparer.Ordinal);
        shares[proxy] = Write(new BudgetShare(window.Changes, window.Own));
        return new SavedWindow(key.Budget, key.Tenant, key.User, key.Model, window.Span.Start.ToUnixTimeSeconds(), window.Span.End.ToUnixTimeSeconds(), shares);
    }

    private static long[] Write(BudgetShare share) => [share.Version, share.Amount.Requests, share.Amount.Tokens, share.Amount.Nanodollars];

    private static KeyValuePair<string, BudgetShare> Read(KeyValuePair<string, long[]> pair) => pair.Value is [var version, var requests, var tokens, var money]
        ? KeyValuePair.Create(pair.Key, new BudgetShare(version, new BudgetAmount(requests, tokens, money)))
        : throw new JsonException("a share has four numbers");

    private void PutAside()
    {
        try
        {
            File.Move(_path, _path + ".unreadable", overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It stays where it is, to be written over.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(371, LogLevel.Warning, "{File} cannot be read ({Reason}): what was used of budgets before is forgotten here", EventName = "BudgetsNotRead")]
        public static partial void NotRead(ILogger logger, string file, string reason);

        [LoggerMessage(372, LogLevel.Error, "{File} cannot be written ({Reason}): a restart would forget what is used of budgets", EventName = "BudgetsNotWritten")]
        public static partial void NotWritten(ILogger logger, string file, string reason);
    }
}
