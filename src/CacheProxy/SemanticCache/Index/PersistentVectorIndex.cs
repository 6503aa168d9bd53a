using System.Collections.Concurrent;
using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// The in-process index with a file behind it. Searches and inserts touch memory only; a single writer follows in batches and loads what an
/// earlier process left. The file is a convenience: while it cannot be used the index works on without it.
/// </summary>
public sealed partial class PersistentVectorIndex : IVectorIndex, IHostedService, IAsyncDisposable
{
    private const int QueuedWrites = 8192;
    private const int BatchedWrites = 256;

    private readonly MemoryVectorIndex _memory;
    private readonly TimeProvider _time;
    private readonly ILogger<PersistentVectorIndex> _logger;
    private readonly WriteBehind<QuestionFile> _writer;
    private readonly ConcurrentDictionary<QuestionWork.Forget, bool> _forgetting = new();

    /// <param name="path">Of the SQLite file.</param>
    /// <param name="models">Fingerprints of the models that vectors and partitions are of.</param>
    public PersistentVectorIndex(
        MemoryVectorIndex memory, string path, string models, int dimensions, TimeProvider time, ILogger<PersistentVectorIndex> logger)
    {
        (_memory, _time, _logger) = (memory, time, logger);
        var file = new KeptFile<QuestionFile>(path, () => new QuestionFile(path, models, dimensions), "new questions will not survive a restart", time, logger);
        (Health, _writer) = (file, new WriteBehind<QuestionFile>(file, new WriteLimits(QueuedWrites, BatchedWrites), time));
        _memory.Dropped = question => _writer.Add(new QuestionWork.Delete(question.Partition, question.Fingerprint));
    }

    public string Name => _memory.Name;

    public IFileHealth Health { get; }

    /// <summary>Completes when everything that an earlier process left is in memory, or the file cannot be used.</summary>
    public Task Loaded { get; private set; } = Task.CompletedTask;

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
        => _memory.SearchAsync(partition, vector, count, minimumSimilarity, cancellationToken);

    public ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => _memory.FindTextsAsync(fingerprints, cancellationToken);

    public async ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        await _memory.UpsertAsync(question, vector, cancellationToken);
        _writer.Add(new QuestionWork.Upsert(question, vector));
    }

    public async ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        await _memory.RemoveAsync(partition, fingerprint, cancellationToken);
        _writer.Add(new QuestionWork.Delete(partition, fingerprint));
    }

    public async ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        // What is still being loaded could come back.
        await Loaded.WaitAsync(cancellationToken);
        var forget = new QuestionWork.Forget(fingerprints.ToHashSet(), done => _forgetting.TryRemove(done, out _));
        _forgetting[forget] = true;
        await _memory.RemoveAsync(fingerprints, cancellationToken);
        _writer.Add(forget);
    }

    /// <summary>Stored questions whose vectors are another model's.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<long> CountStaleAsync(CancellationToken cancellationToken) => AskAsync(new QuestionWork.CountStale(), cancellationToken);

    /// <summary>The next of them behind an id, oldest first.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<IReadOnlyList<StaleQuestion>> ReadStaleAsync(long after, int count, CancellationToken cancellationToken)
        => AskAsync(new QuestionWork.ReadStale(after, count), cancellationToken);

    /// <summary>Puts a stale question where it is found by its new vector, unless it was removed or stored anew since.</summary>
    /// <returns>True when it is searchable now.</returns>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task<bool> ReplaceStaleAsync(long id, IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
        => AskAsync(new QuestionWork.Replace(id, question, vector, _memory, IsForgotten), cancellationToken);

    /// <summary>Deletes a stale question.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public Task DropStaleAsync(long id, CancellationToken cancellationToken) => AskAsync(new QuestionWork.Drop(id), cancellationToken);

    /// <summary>Begins to load and to write, both in the background.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writer.Start();
        _writer.Add(new QuestionWork.Load(_time.GetUtcNow(), TryInsert, count => Log.LoadedQuestions(_logger, count)));
        Loaded = _writer.SettleAsync(CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Writes what is queued.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _writer.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    private bool IsForgotten(Fingerprint256 fingerprint) => _forgetting.Keys.Any(forget => forget.Covers(fingerprint));

    private Task<T> AskAsync<T>(QuestionWork.Awaited<T> work, CancellationToken cancellationToken)
    {
        _writer.Add(work);
        return work.Done.WaitAsync(cancellationToken);
    }

    private bool TryInsert(StoredQuestion stored)
    {
        try
        {
            return !IsForgotten(stored.Question.Fingerprint) && _memory.TryInsert(stored.Question, stored.Vector);
        }
        catch (ArgumentException)
        {
            // A vector that no encoder gives: its row is damaged, the others need not be.
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(510, LogLevel.Information, "{Count} questions of an earlier run are searchable again", EventName = "QuestionsLoaded")]
        public static partial void LoadedQuestions(ILogger logger, int count);
    }
}
