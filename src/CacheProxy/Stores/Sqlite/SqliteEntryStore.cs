using System.Runtime.CompilerServices;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Storage;
using CacheProxy.Stores.Codec;

namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// Entries in one file of this machine, so that they outlive a restart. Look-ups run on a few reading connections; one
/// writer commits in batches, behind the requests. While the file cannot be used every look-up is a miss and every write is
/// dropped, both at once.
/// </summary>
public sealed class SqliteEntryStore : IEntryStore, IAsyncDisposable
{
    private const int QueueCapacity = 8192;

    // A commit writes every page that it touches once, whatever the number of entries on it; more than this, 50 ms, would delay those who wait.
    private const int LargestBatch = 4096;
    private const long QueueBytes = 64L << 20;

    // An entry's time of use is written at most this often: reads come from memory first, the order need not be exact.
    private const long TouchIntervalMs = 10 * 60 * 1000;

    // What a killed process loses is what came within this time. Entries are spread over the file's trees: a page that several of a
    // batch touch is written once.
    private static readonly TimeSpan CollectInterval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly WriteQueue _queue;
    private readonly WriteBehind<EntryWriter> _writer;
    private readonly ITimer _sweepTimer;

    /// <param name="folder">Holds <c>entries.db</c>; made if absent.</param>
    /// <param name="sizeLimitBytes">Of stored entries; beyond it the least recently used leave.</param>
    public SqliteEntryStore(string folder, long sizeLimitBytes, TimeProvider time, ILogger<SqliteEntryStore> logger)
    {
        _time = time;
        string path = Path.Combine(folder, EntryFile.FileName);
        var file = new KeptFile<EntryWriter>(path, () => new EntryWriter(path, sizeLimitBytes), "answers are kept in memory only", time, logger);
        (Health, _writer) = (file, new WriteBehind<EntryWriter>(file, new WriteLimits(QueueCapacity, LargestBatch, CollectInterval), time));
        _queue = new WriteQueue(_writer, QueueBytes, time);
        _writer.Start();
        _writer.Add(new WriteOperation.Sweep(_queue));
        Opened = _writer.SettleAsync(CancellationToken.None);
        _sweepTimer = time.CreateTimer(_ => _writer.Add(new WriteOperation.Sweep(_queue)), null, SweepInterval, SweepInterval);
    }

    public string Name => "sqlite";

    /// <summary>Completes when the file was opened, or could not be, for the first time.</summary>
    public Task Opened { get; }

    public IFileHealth Health { get; }

    /// <summary>The file can be used.</summary>
    public bool IsOpen => _writer.Tables is not null;

    /// <summary>Entries that were not stored: queue full, file not usable, or too large.</summary>
    public long Dropped => _queue.Dropped;

    /// <summary>Stored bytes, as of the last batch.</summary>
    public long SizeBytes => _writer.Tables?.SizeBytes ?? 0;

    /// <summary>Most misses end here, on the caller's thread.</summary>
    public bool LacksForSure(Fingerprint256 fingerprint) => !_queue.TryGetWaiting(fingerprint, out _) && !MayHold(fingerprint);

    public async ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (_queue.TryGetWaiting(fingerprint, out CacheEntry? waiting))
        {
            return waiting.UsableUntil > now ? waiting : null;
        }

        if (!Opened.IsCompleted)
        {
            await Opened.WaitAsync(cancellationToken);
        }

        if (_writer.Tables?.Readers is not { } readers)
        {
            return null;
        }

        try
        {
            long nowMs = now.ToUnixTimeMilliseconds();
            (CacheEntry? entry, long lastUsed) = await readers.ReadAsync(fingerprint, nowMs, cancellationToken);
            if (entry is not null && nowMs - lastUsed > TouchIntervalMs)
            {
                _writer.TryAdd(new WriteOperation.Touch(fingerprint, nowMs));
            }

            return entry;
        }
        catch (Exception exception) when (SqliteFile.IsDamage(exception))
        {
            _writer.TryAdd(new WriteOperation.Report(readers, exception));
            throw;
        }
    }

    /// <summary>One turn on one connection for all.</summary>
    public async ValueTask GetManyAsync(ReadOnlyMemory<Fingerprint256> fingerprints, Memory<CacheEntry?> entries, CancellationToken cancellationToken)
    {
        if (!Opened.IsCompleted)
        {
            await Opened.WaitAsync(cancellationToken);
        }

        DateTimeOffset now = _time.GetUtcNow();
        var absent = new List<int>(fingerprints.Length);
        for (int i = 0; i < fingerprints.Length; i++)
        {
            if (!_queue.TryGetWaiting(fingerprints.Span[i], out CacheEntry? waiting))
            {
                if (MayHold(fingerprints.Span[i]))
                {
                    absent.Add(i);
                }
            }
            else if (waiting.UsableUntil > now)
            {
                entries.Span[i] = waiting;
            }
        }

        if (absent.Count == 0 || _writer.Tables?.Readers is not { } readers)
        {
            return;
        }

        try
        {
            long nowMs = now.ToUnixTimeMilliseconds();
            await readers.ReadManyAsync(fingerprints, absent, nowMs, (i, entry, lastUsed) =>
            {
                entries.Span[i] = entry;
                if (nowMs - lastUsed > TouchIntervalMs)
                {
                    _writer.TryAdd(new WriteOperation.Touch(entry.Fingerprint, nowMs));
                }
            }, cancellationToken);
        }
        catch (Exception exception) when (SqliteFile.IsDamage(exception))
        {
            _writer.TryAdd(new WriteOperation.Report(readers, exception));
            throw;
        }
    }

    /// <summary>Queues the entry; it can be read at once and is on disk soon after.</summary>
    public ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        TrySetAtOnce(entry);
        return ValueTask.CompletedTask;
    }

    public bool TrySetAtOnce(CacheEntry entry)
    {
        if (Opened.IsCompleted && !IsOpen)
        {
            _queue.CountDropped();
        }
        else
        {
            _queue.Add(entry, EntrySize.Estimate(entry));
        }

        return true;
    }

    /// <summary>Returns when the tags are on disk. An entry that waits to be written is written first.</summary>
    public async ValueTask<bool> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await _queue.RetagAsync(entry, tags).WaitAsync(cancellationToken);
    }

    /// <summary>Returns when the removal is on disk.</summary>
    /// <exception cref="IOException">The file cannot be used: the entry may still be in it.</exception>
    public async ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        bool wasWaiting = _queue.TryGetWaiting(fingerprint, out _);
        return await _queue.RemoveAsync(fingerprint).WaitAsync(cancellationToken) || wasWaiting;
    }

    public async ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
    {
        EntryReaders readers = await OpenAsync(cancellationToken);
        await FlushAsync(cancellationToken);
        return await readers.CountAsync(selector, cancellationToken);
    }

    public async ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await _queue.RemoveAsync(selector, removed).WaitAsync(cancellationToken);
    }

    public async IAsyncEnumerable<CacheEntry> ReadAsync(
        EntrySelector selector, Fingerprint256? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EntryReaders readers = await OpenAsync(cancellationToken);
        await FlushAsync(cancellationToken);
        long? last = after?.Order;
        while (true)
        {
            EntryPage page = await readers.ReadPageAsync(selector, last, _time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);
            foreach (CacheEntry entry in page.Entries)
            {
                yield return entry;
            }

            if (page.Last is null)
            {
                yield break;
            }

            last = page.Last;
        }
    }

    /// <summary>Returns when everything that was queued before is on disk, or was given up.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _writer.SettleAsync(cancellationToken);

    private bool MayHold(Fingerprint256 fingerprint) => _writer.Tables?.MayHold(fingerprint) ?? true;

    private async ValueTask<EntryReaders> OpenAsync(CancellationToken cancellationToken)
    {
        await Opened.WaitAsync(cancellationToken);
        return _writer.Tables?.Readers ?? throw new IOException("The file of entries cannot be used.");
    }

    /// <summary>Writes what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweepTimer.DisposeAsync();
        await _writer.StopAsync(CancellationToken.None);
    }
}
