using System.Runtime.CompilerServices;
using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Observations in a file of their own, which a single writer follows the requests to in batches. While the file cannot be used a bounded number
/// waits, the rest is dropped; purges and the latest counts of a scope always wait.
/// </summary>
public sealed class ObservationLog : IObservationLog, IHostedService, IDisposable
{
    public const string FileName = "observations.db";

    private const int QueuedObservations = 4096;

    // Deleting looks at the oldest rows only; once in so many keeps the file within a batch of its bound.
    private const int RowsBetweenTrims = 4096;

    private readonly string _path;
    private readonly TimeSpan _retention;
    private readonly int _mostRows;
    private readonly TimeProvider _time;
    private readonly WriteBehind<ObservationFile> _writer;
    private readonly GatheredWork<ObservationFile, ObservationBatch> _gathered;
    private Task _opened = Task.CompletedTask;
    private long _dropped;
    private int _untrimmed = RowsBetweenTrims;

    /// <param name="path">Of the SQLite file.</param>
    /// <param name="retention">Older observations are deleted.</param>
    /// <param name="mostRows">Beyond it the oldest leave.</param>
    public ObservationLog(string path, TimeSpan retention, int mostRows, TimeProvider time, ILogger<ObservationLog> logger)
    {
        (_path, _retention, _mostRows, _time) = (path, retention, mostRows, time);
        var file = new KeptFile<ObservationFile>(path, () => new ObservationFile(path), "what is observed of semantic hits is kept in memory, the first of it", time, logger);
        (Health, _writer) = (file, new WriteBehind<ObservationFile>(file, new WriteLimits(Queued: 1, Batched: 16), time));
        _gathered = new GatheredWork<ObservationFile, ObservationBatch>(_writer, Write, batch => Interlocked.Add(ref _dropped, batch.Observations.Count));
    }

    public IFileHealth Health { get; }

    /// <summary>Observations that did not reach the file.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(Observation observation)
    {
        bool isAdded = _gathered.Add(batch =>
        {
            bool hasRoom = batch.Observations.Count < QueuedObservations;
            if (hasRoom)
            {
                batch.Observations.Add(observation);
            }

            return hasRoom;
        });
        Interlocked.Add(ref _dropped, isAdded ? 0 : 1);
        _gathered.Queue();
    }

    /// <summary>Keeps a scope's counts for the next start, in place of those before. Returns at once.</summary>
    public void Save(ScopeError error)
    {
        _gathered.Add(batch => batch.Scopes[error.Key] = error);
        _gathered.Queue();
    }

    /// <summary>Entries are gone: no later process learns to trust what takes their place. Returns at once.</summary>
    public void Forget(IReadOnlyCollection<Fingerprint256> entries)
    {
        _gathered.Add(batch =>
        {
            batch.Gone.Add(entries);
            return true;
        });
        _gathered.Queue();
    }

    /// <summary>The counts that were saved last.</summary>
    public async Task<IReadOnlyList<ScopeError>> ReadScopesAsync(CancellationToken cancellationToken)
    {
        await _opened.WaitAsync(cancellationToken);
        if (!File.Exists(_path))
        {
            return [];
        }

        using ObservationFile file = ObservationFile.OpenForReading(_path);
        return file.ReadScopes();
    }

    /// <summary>Waits until what was added is in the file, or cannot be written now.</summary>
    public Task SettleAsync(CancellationToken cancellationToken) => _writer.SettleAsync(cancellationToken);

    public async IAsyncEnumerable<Observation> ReadAsync(ObservationFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _opened.WaitAsync(cancellationToken);
        if (!File.Exists(_path))
        {
            yield break;
        }

        using ObservationFile file = ObservationFile.OpenForReading(_path);
        foreach (Observation observation in file.Read(filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return observation;
        }
    }

    /// <summary>Begins to write. What is read waits until the file was opened, or could not be.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writer.Start();

        // An empty batch opens the file, and deletes what has been kept long enough.
        _gathered.Add(batch => batch);
        _gathered.Queue();
        _opened = SettleAsync(CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>What was seen is written.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _writer.StopAsync(cancellationToken);

    public void Dispose() => _writer.Dispose();

    private void Write(ObservationFile file, ObservationBatch batch)
    {
        DateTimeOffset now = _time.GetUtcNow();
        file.Write(batch, now);
        _untrimmed += batch.Observations.Count;
        if (_untrimmed >= RowsBetweenTrims)
        {
            file.Trim(now - _retention, _mostRows);
            _untrimmed = 0;
        }
    }
}
