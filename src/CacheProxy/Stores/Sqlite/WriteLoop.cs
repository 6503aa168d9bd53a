using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// Owns the file: opens it, writes what is queued in batches, and when anything goes wrong closes it and tries again. The
/// one place that decides whether the store can be used, and that says so, once per change.
/// </summary>
internal sealed partial class WriteLoop : IAsyncDisposable
{
    // Commits cost one write of the log however many entries they hold; more than this would delay those who wait.
    private const int LargestBatch = 1024;

    // A purge of everything goes on between other writes: those wait 100 ms, not for all of it.
    private const int RemovedAtOnce = 1000;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    // What a killed process loses is what came within this time. Entries are spread over the file's trees: a page that several of a
    // batch touch is written once.
    private static readonly TimeSpan CollectInterval = TimeSpan.FromMilliseconds(250);

    private readonly EntryFile _file;
    private readonly WriteQueue _queue;
    private readonly long _sizeLimitBytes;
    private readonly int _readerCount;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<WriteOperation> _batch = [];
    private readonly Task _run;
    private EntryReaders? _readers;
    private StoredIds? _ids;
    private EntryWriter? _writer;
    private long _sizeBytes;
    private bool _isFailing;
    private DateTimeOffset _lastSetAside;

    public WriteLoop(EntryFile file, WriteQueue queue, long sizeLimitBytes, int readerCount, TimeProvider time, ILogger logger)
    {
        _file = file;
        _queue = queue;
        _sizeLimitBytes = sizeLimitBytes;
        _readerCount = readerCount;
        _time = time;
        _logger = logger;
        _run = Task.Run(RunAsync);
    }

    public Task Opened => _opened.Task;

    /// <summary>Null while the file cannot be used.</summary>
    public EntryReaders? Readers => Volatile.Read(ref _readers);

    /// <summary>False: it is certain that the file does not hold it. What waits to be written is not in the file.</summary>
    public bool MayHold(Fingerprint256 fingerprint) => Volatile.Read(ref _ids)?.MayHold(fingerprint.Order) ?? true;

    public long SizeBytes => Interlocked.Read(ref _sizeBytes);

    /// <summary>Ends when the completed queue is written; a file that cannot be opened is not waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_queue.Reader.Completion.IsCompleted)
        {
            try
            {
                Open();
                await PumpAsync();
            }
            catch (Exception exception)
            {
                GiveUpBatch(exception);
                Close();
                if (!TrySetAside(exception))
                {
                    await WaitForRetryAsync(exception);
                }
            }
        }

        Close();
    }

    private void Open()
    {
        var ids = new StoredIds();
        var readers = new EntryReaders(_file, _readerCount);
        _writer = new EntryWriter(_file.OpenForWriting(), _sizeLimitBytes, ids);
        Volatile.Write(ref _readers, readers);
        Volatile.Write(ref _ids, ids);
        _ = FillAsync(ids, readers);

        // A write of its own: a full or read-only disk shows here, before it is called usable.
        _batch.Add(new WriteOperation.Sweep());
        Apply(_writer);
        _opened.TrySetResult();
    }

    // Every look-up asks the file until this is done. What is committed meanwhile the writer adds itself.
    private static async Task FillAsync(StoredIds ids, EntryReaders readers)
    {
        try
        {
            await readers.AddIdsAsync(ids);
            ids.Complete();
        }
        catch (Exception exception) when (exception is SqliteException or IOException or InvalidOperationException)
        {
            // A damaged file: the look-ups meet the same and say so.
            ids.GiveUp();
        }
    }

    private void Close()
    {
        Volatile.Write(ref _ids, null);
        Interlocked.Exchange(ref _readers, null)?.Dispose();
        _writer?.Dispose();
        _writer = null;
    }

    private async Task PumpAsync()
    {
        // A removal that is not done yet is in the batch already.
        while (_batch.Count > 0 || await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (_batch.Count == 0)
            {
                await _queue.CollectAsync(CollectInterval);
            }

            while (_batch.Count < LargestBatch && _queue.Reader.TryRead(out WriteOperation? operation))
            {
                _batch.Add(operation);
            }

            Apply(_writer!);
        }
    }

    private void Apply(EntryWriter writer)
    {
        long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var answers = new List<Action>();
        writer.Begin();
        foreach (WriteOperation operation in _batch)
        {
            Apply(writer, operation, now, answers);
        }

        writer.Commit();
        Interlocked.Exchange(ref _sizeBytes, writer.SizeBytes);
        foreach (WriteOperation.Set set in _batch.OfType<WriteOperation.Set>())
        {
            _queue.Leave(set);
        }

        _batch.Clear();
        answers.ForEach(static answer => answer());
        if (_isFailing)
        {
            _isFailing = false;
            Log.Recovered(_logger, _file.FilePath);
        }
    }

    private void Apply(EntryWriter writer, WriteOperation operation, long now, List<Action> answers)
    {
        switch (operation)
        {
            case WriteOperation.Set set:
                if (!writer.Set(set.Entry, now))
                {
                    _queue.CountDropped();
                }

                break;
            case WriteOperation.Retag retag:
                bool isThere = writer.Retag(retag.Entry, retag.Tags, now);
                answers.Add(() => retag.Done.TrySetResult(isThere));
                break;
            case WriteOperation.Touch touch:
                writer.Touch(touch.Fingerprint, touch.LastUsed);
                break;
            case WriteOperation.Remove remove:
                bool wasThere = writer.Remove(remove.Fingerprint);
                answers.Add(() => remove.Done.TrySetResult(wasThere));
                break;
            case WriteOperation.RemoveMatching matching:
                Remove(writer, matching, answers);
                break;
            case WriteOperation.Flush flush:
                answers.Add(() => flush.Done.TrySetResult());
                break;
            case WriteOperation.Sweep:
                Sweep(writer, now);
                break;
            case WriteOperation.Report report when report.Source == _readers:
                throw report.Error;
            case WriteOperation.Report:
                break;
            default:
                throw new NotSupportedException(operation.GetType().Name);
        }
    }

    private void Remove(EntryWriter writer, WriteOperation.RemoveMatching matching, List<Action> answers)
    {
        matching.Rows ??= writer.Select(matching.Selector);
        int first = matching.Next;
        matching.Next = Math.Min(matching.Rows.Count, first + RemovedAtOnce);
        for (int i = first; i < matching.Next; i++)
        {
            if (writer.Remove(matching.Rows[i]))
            {
                matching.Count++;
                matching.Removed?.Invoke(matching.Rows[i].Fingerprint);
            }
        }

        answers.Add(() =>
        {
            if (matching.Next < matching.Rows.Count)
            {
                _batch.Add(matching);
            }
            else
            {
                matching.Done.TrySetResult(matching.Count);
            }
        });
    }

    private void Sweep(EntryWriter writer, long now)
    {
        if (!File.Exists(_file.FilePath))
        {
            throw new IOException($"{_file.FilePath} was removed.");
        }

        // The rest comes behind what is waiting, so that a large sweep does not hold it up.
        if (writer.Sweep(now))
        {
            _queue.TryAdd(new WriteOperation.Sweep());
        }
    }

    // Nothing is tried twice: one bad entry must not stop all that come after it.
    private void GiveUpBatch(Exception cause)
    {
        foreach (WriteOperation operation in _batch)
        {
            switch (operation)
            {
                case WriteOperation.Set set:
                    _queue.Leave(set);
                    _queue.CountDropped();
                    break;
                case WriteOperation.Retag retag:
                    retag.Done.TrySetException(new IOException("The entry's tags could not be changed.", cause));
                    break;
                case WriteOperation.Remove remove:
                    remove.Done.TrySetException(new IOException("The entry could not be removed.", cause));
                    break;
                case WriteOperation.RemoveMatching matching:
                    matching.Done.TrySetException(new IOException("The entries could not be removed.", cause));
                    break;
                case WriteOperation.Flush flush:
                    flush.Done.TrySetResult();
                    break;
            }
        }

        _batch.Clear();
    }

    private bool TrySetAside(Exception exception)
    {
        // At once, but not over and over: a disk that spoils each new file has to wait like any other fault.
        DateTimeOffset now = _time.GetUtcNow();
        bool isFormer = exception is FormerLayoutException;
        if ((!isFormer && !SqliteFile.IsDamage(exception)) || now - _lastSetAside < RetryInterval)
        {
            return false;
        }

        try
        {
            _lastSetAside = now;
            if (isFormer)
            {
                _file.Delete();
                Log.Replaced(_logger, _file.FilePath, exception.Message);
                return true;
            }

            _file.SetAside();
            Log.SetAside(_logger, _file.FilePath, _file.AsidePath, exception.Message);
            return true;
        }
        catch (Exception another) when (another is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task WaitForRetryAsync(Exception exception)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            Log.Failing(_logger, _file.FilePath, exception.Message);
        }

        _opened.TrySetResult();
        GiveUpQueued(exception);
        await Task.Delay(RetryInterval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        GiveUpQueued(exception);
    }

    private void GiveUpQueued(Exception cause)
    {
        while (_queue.Reader.TryRead(out WriteOperation? operation))
        {
            _batch.Add(operation);
        }

        GiveUpBatch(cause);
    }

    private static partial class Log
    {
        [LoggerMessage(914, LogLevel.Information, "{File} begins empty: {Cause} Its entries cannot be read any more", EventName = "EntryFileReplaced")]
        public static partial void Replaced(ILogger logger, string file, string cause);

        [LoggerMessage(911, LogLevel.Warning, "{File} cannot be used; answers are kept in memory only until it can. First cause: {Cause}", EventName = "EntryFileFailing")]
        public static partial void Failing(ILogger logger, string file, string cause);

        [LoggerMessage(912, LogLevel.Information, "{File} works again", EventName = "EntryFileRecovered")]
        public static partial void Recovered(ILogger logger, string file);

        [LoggerMessage(913, LogLevel.Warning, "{File} could not be read and is now {Aside}; a new one takes its place. Cause: {Cause}", EventName = "EntryFileSetAside")]
        public static partial void SetAside(ILogger logger, string file, string aside, string cause);
    }
}
