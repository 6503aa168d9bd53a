using System.Collections.Concurrent;
using System.Threading.Channels;
using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// The in-process index with a file behind it. Searches and inserts touch memory only; a single writer follows in batches and loads what an
/// earlier process left. The file is a convenience: damaged, locked or full, the index works on without it and says so.
/// </summary>
public sealed partial class PersistentVectorIndex : IVectorIndex, IHostedService, IAsyncDisposable
{
    private const int QueuedWrites = 8192;
    private const int BatchedWrites = 256;

    private readonly MemoryVectorIndex _memory;
    private readonly string _path;
    private readonly string _models;
    private readonly int _dimensions;
    private readonly TimeProvider _time;
    private readonly ILogger<PersistentVectorIndex> _logger;
    private readonly Channel<FileWork> _writes;
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<FileWork.Forget, bool> _forgetting = new();
    private Task _writer = Task.CompletedTask;

    /// <param name="path">Of the SQLite file.</param>
    /// <param name="models">Fingerprints of the models that vectors and partitions are of.</param>
    public PersistentVectorIndex(
        MemoryVectorIndex memory, string path, string models, int dimensions, TimeProvider time, ILogger<PersistentVectorIndex> logger)
    {
        _memory = memory;
        _path = path;
        _models = models;
        _dimensions = dimensions;
        _time = time;
        _logger = logger;
        _writes = Channel.CreateBounded<FileWork>(
            new BoundedChannelOptions(QueuedWrites) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite }, GiveUp);
        _memory.Dropped = question => Enqueue(new FileWork.Delete(question.Partition, question.Fingerprint));
    }

    public string Name => _memory.Name;

    /// <summary>Completes when everything that an earlier process left is in memory.</summary>
    public Task Loaded => _loaded.Task;

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
        => _memory.SearchAsync(partition, vector, count, minimumSimilarity, cancellationToken);

    public ValueTask<string?> FindTextAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken) => _memory.FindTextAsync(fingerprint, cancellationToken);

    public async ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        await _memory.UpsertAsync(question, vector, cancellationToken);
        Enqueue(new FileWork.Upsert(question, vector));
    }

    public async ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        await _memory.RemoveAsync(partition, fingerprint, cancellationToken);
        Enqueue(new FileWork.Delete(partition, fingerprint));
    }

    public async ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        // What is still being loaded could come back.
        await Loaded.WaitAsync(cancellationToken);
        var forget = new FileWork.Forget(fingerprints.ToHashSet(), done => _forgetting.TryRemove(done, out _));
        _forgetting[forget] = true;
        await _memory.RemoveAsync(fingerprints, cancellationToken);
        Enqueue(forget);
    }

    /// <summary>Stored questions whose vectors are another model's.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<long> CountStaleAsync(CancellationToken cancellationToken) => AskAsync(new FileWork.CountStale(), cancellationToken);

    /// <summary>The next of them behind an id, oldest first.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<IReadOnlyList<StaleQuestion>> ReadStaleAsync(long after, int count, CancellationToken cancellationToken)
        => AskAsync(new FileWork.ReadStale(after, count), cancellationToken);

    /// <summary>Puts a stale question where it is found by its new vector, unless it was removed or stored anew since.</summary>
    /// <returns>True when it is searchable now.</returns>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<bool> ReplaceStaleAsync(long id, IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
        => AskAsync(new FileWork.Replace(id, question, vector, IsForgotten), cancellationToken);

    /// <summary>Deletes a stale question.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task DropStaleAsync(long id, CancellationToken cancellationToken) => AskAsync(new FileWork.Drop(id), cancellationToken);

    /// <summary>Begins to load and to write, both in the background.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writer = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Writes what is queued.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _writes.Writer.TryComplete();
        await _writer.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    private bool IsForgotten(Fingerprint256 fingerprint) => _forgetting.Keys.Any(forget => forget.Covers(fingerprint));

    private Task<T> AskAsync<T>(FileWork.Awaited<T> work, CancellationToken cancellationToken)
    {
        Enqueue(work);
        return work.Done.WaitAsync(cancellationToken);
    }

    private void Enqueue(FileWork work)
    {
        if (!_writes.Writer.TryWrite(work))
        {
            GiveUp(work);
        }
    }

    private static void GiveUp(FileWork work) => work.Failed();

    private async Task RunAsync()
    {
        QuestionFile? file = OpenAndLoad();
        _loaded.TrySetResult();
        try
        {
            var batch = new List<FileWork>(BatchedWrites);
            while (await _writes.Reader.WaitToReadAsync())
            {
                batch.Clear();
                while (batch.Count < BatchedWrites && _writes.Reader.TryRead(out FileWork? work))
                {
                    batch.Add(work);
                }

                file = WriteBatch(file, batch);
            }
        }
        finally
        {
            file?.Dispose();
        }
    }

    private QuestionFile? OpenAndLoad()
    {
        try
        {
            return Load();
        }
        catch (Exception exception) when (SqliteFile.IsDamage(exception))
        {
            Log.Damaged(_logger, _path, exception);
            return TryReplace();
        }
        catch (Exception exception)
        {
            Log.Unusable(_logger, _path, exception);
            return null;
        }
    }

    private QuestionFile Load()
    {
        QuestionFile file = QuestionFile.Open(_path, _models, _dimensions);
        try
        {
            file.Sweep(_time.GetUtcNow());
            int count = 0;
            foreach (StoredQuestion stored in file.Read())
            {
                count += TryInsert(stored) ? 1 : 0;
            }

            Log.LoadedQuestions(_logger, count);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private bool TryInsert(StoredQuestion stored)
    {
        try
        {
            return _memory.TryInsert(stored.Question, stored.Vector);
        }
        catch (ArgumentException)
        {
            // A vector that no encoder gives: its row is damaged, the others need not be.
            return false;
        }
    }

    private QuestionFile? TryReplace()
    {
        try
        {
            SqliteFile.SetAside(_path, _path + ".damaged");
            return QuestionFile.Open(_path, _models, _dimensions);
        }
        catch (Exception exception)
        {
            Log.Unusable(_logger, _path, exception);
            return null;
        }
    }

    private QuestionFile? WriteBatch(QuestionFile? file, List<FileWork> batch)
    {
        if (file is null)
        {
            batch.ForEach(GiveUp);
            return null;
        }

        try
        {
            file.Write(writing => batch.ForEach(work => work.Apply(writing)));
            batch.ForEach(work => work.Committed(_memory));
            return file;
        }
        catch (Exception exception)
        {
            batch.ForEach(GiveUp);
            if (!SqliteFile.IsDamage(exception))
            {
                Log.WriteFailed(_logger, batch.Count, exception);
                return file;
            }

            Log.Damaged(_logger, _path, exception);
            file.Dispose();
            return TryReplace();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Information, "{Count} questions of an earlier run are searchable again", EventName = "QuestionsLoaded")]
        public static partial void LoadedQuestions(ILogger logger, int count);

        [LoggerMessage(511, LogLevel.Warning, "{Path} is damaged; it was put aside and the semantic index starts empty", EventName = "QuestionFileDamaged")]
        public static partial void Damaged(ILogger logger, string path, Exception exception);

        [LoggerMessage(512, LogLevel.Warning, "{Path} cannot be used; semantic hits will not survive a restart", EventName = "QuestionFileUnusable")]
        public static partial void Unusable(ILogger logger, string path, Exception exception);

        [LoggerMessage(513, LogLevel.Warning, "{Count} questions could not be written; they are searchable until a restart", EventName = "QuestionWriteFailed")]
        public static partial void WriteFailed(ILogger logger, int count, Exception exception);
    }
}
