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
    private readonly string _embedder;
    private readonly int _dimensions;
    private readonly TimeProvider _time;
    private readonly ILogger<PersistentVectorIndex> _logger;
    private readonly Channel<PendingWrite> _writes;
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writer = Task.CompletedTask;
    private long _droppedWrites;

    /// <param name="path">Of the SQLite file.</param>
    /// <param name="embedder">Fingerprint of the embedder whose vectors these are.</param>
    public PersistentVectorIndex(
        MemoryVectorIndex memory, string path, string embedder, int dimensions, TimeProvider time, ILogger<PersistentVectorIndex> logger)
    {
        _memory = memory;
        _path = path;
        _embedder = embedder;
        _dimensions = dimensions;
        _time = time;
        _logger = logger;
        _writes = Channel.CreateBounded<PendingWrite>(
            new BoundedChannelOptions(QueuedWrites) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite },
            _ => Interlocked.Increment(ref _droppedWrites));
        _memory.Dropped = question => _writes.Writer.TryWrite(new PendingWrite(question, default));
    }

    public string Name => _memory.Name;

    /// <summary>Writes that did not reach the file because it was too slow or could not be used.</summary>
    public long DroppedWrites => Interlocked.Read(ref _droppedWrites);

    /// <summary>Completes when everything that an earlier process left is in memory.</summary>
    public Task Loaded => _loaded.Task;

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
        => _memory.SearchAsync(partition, vector, count, minimumSimilarity, cancellationToken);

    public async ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        await _memory.UpsertAsync(question, vector, cancellationToken);
        _writes.Writer.TryWrite(new PendingWrite(question, vector));
    }

    public async ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        await _memory.RemoveAsync(partition, fingerprint, cancellationToken);
        _writes.Writer.TryWrite(new PendingWrite(new IndexedQuestion(partition, fingerprint, "", default), default));
    }

    public async ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        // What is still being loaded could come back.
        await Loaded.WaitAsync(cancellationToken);
        await _memory.RemoveAsync(fingerprints, cancellationToken);
        _writes.Writer.TryWrite(new PendingWrite(null, default, fingerprints));
    }

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

    private async Task RunAsync()
    {
        QuestionFile? file = OpenAndLoad();
        _loaded.TrySetResult();
        try
        {
            var batch = new List<PendingWrite>(BatchedWrites);
            while (await _writes.Reader.WaitToReadAsync())
            {
                batch.Clear();
                while (batch.Count < BatchedWrites && _writes.Reader.TryRead(out PendingWrite write))
                {
                    batch.Add(write);
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
        QuestionFile file = QuestionFile.Open(_path, _embedder, _dimensions);
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
            return QuestionFile.Open(_path, _embedder, _dimensions);
        }
        catch (Exception exception)
        {
            Log.Unusable(_logger, _path, exception);
            return null;
        }
    }

    private QuestionFile? WriteBatch(QuestionFile? file, List<PendingWrite> batch)
    {
        if (file is null)
        {
            Interlocked.Add(ref _droppedWrites, batch.Count);
            return null;
        }

        try
        {
            file.Write(writing => batch.ForEach(write => write.Apply(writing)));
            return file;
        }
        catch (Exception exception)
        {
            Interlocked.Add(ref _droppedWrites, batch.Count);
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

    /// <param name="Vector">Empty: the question is to be deleted.</param>
    /// <param name="Forgotten">Without a question: these are to be deleted.</param>
    private readonly record struct PendingWrite(
        IndexedQuestion? Question, ReadOnlyMemory<float> Vector, IReadOnlyCollection<Fingerprint256>? Forgotten = null)
    {
        public void Apply(QuestionFile file)
        {
            if (Question is null)
            {
                foreach (Fingerprint256 fingerprint in Forgotten ?? [])
                {
                    file.Delete(fingerprint);
                }
            }
            else if (Vector.IsEmpty)
            {
                file.Delete(Question.Partition, Question.Fingerprint);
            }
            else
            {
                file.Upsert(Question, Vector.Span);
            }
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
