using System.Threading.Channels;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Index;
using CacheProxy.SemanticCache.Questions;
using CacheProxy.SemanticCache.Text;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache;

/// <summary>
/// Makes recorded answers findable by their question: embeds and inserts behind the requests, one at a time, from a bounded queue. What does not
/// fit, or whose encoder fails, is not indexed; its exact hit works all the same.
/// </summary>
public sealed partial class QuestionIndexer : BackgroundService
{
    private const int QueuedQuestions = 1024;

    private static readonly TimeSpan SettleInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly IEmbedder _embedder;
    private readonly IVectorIndex _index;
    private readonly MemoryVectorIndex? _memory;
    private readonly SemanticPartition _partition;
    private readonly IOptionsMonitor<SemanticOptions> _options;
    private readonly TimeProvider _time;
    private readonly ILogger<QuestionIndexer> _logger;
    private readonly PurgeLog _purges;
    private readonly PendingQuestions? _pending;
    private readonly Channel<(SemanticQuery Query, CacheEntry Entry, long Mark)> _queue;
    private long _indexing;
    private long _indexed;
    private long _dropped;

    /// <param name="pending">Told when a question can be found; null: nobody waits for any.</param>
    /// <param name="memory">Swept of expired questions now and then; null when the index keeps none in this process.</param>
    public QuestionIndexer(
        IEmbedder embedder,
        IVerifier verifier,
        IVectorIndex index,
        MemoryVectorIndex? memory,
        PurgeLog purges,
        IOptionsMonitor<SemanticOptions> options,
        TimeProvider time,
        ILogger<QuestionIndexer> logger,
        PendingQuestions? pending = null)
    {
        _pending = pending;
        _embedder = embedder;
        _index = index;
        _memory = memory;
        _purges = purges;
        _partition = new SemanticPartition(embedder.Fingerprint, verifier.Fingerprint);
        _options = options;
        _time = time;
        _logger = logger;
        _queue = Channel.CreateBounded<(SemanticQuery, CacheEntry, long)>(
            new BoundedChannelOptions(QueuedQuestions) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite },
            dropped =>
            {
                Interlocked.Increment(ref _dropped);
                End(dropped.Item1);
            });
    }

    public long Indexed => Interlocked.Read(ref _indexed);

    /// <summary>Questions that were not indexed because the queue was full or a step failed.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Queues the question that an entry answers. Returns at once; a question that may not be looked up is not queued.</summary>
    public void Add(SemanticQuery query, CacheEntry entry)
    {
        if (SemanticEligibility.Check(query, _options.CurrentValue, out _) == SemanticReason.None)
        {
            Interlocked.Increment(ref _indexing);
            _pending?.Queued(query.Fingerprint);
            _queue.Writer.TryWrite((query, entry, _purges.Mark));
        }
    }

    /// <summary>Waits until the queue is empty.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        while (Interlocked.Read(ref _indexing) > 0)
        {
            await Task.Delay(SettleInterval, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Makes the questions of entries that are gone unfindable and gives their room back.</summary>
    public ValueTask ForgetAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => _index.RemoveAsync(fingerprints, cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using ITimer sweep = _time.CreateTimer(_ => _memory?.RemoveExpired(), null, SweepInterval, SweepInterval);
        await foreach ((SemanticQuery query, CacheEntry entry, long mark) in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await IndexAsync(query, entry, mark, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Interlocked.Increment(ref _dropped);
                Log.NotIndexed(_logger, entry.Fingerprint.ToShortString(), exception);
            }
            finally
            {
                End(query);
            }
        }
    }

    /// <summary>The questions that the entries answer; those that are not indexed are left out.</summary>
    public async ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindQuestionsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => (await _index.FindTextsAsync(fingerprints, cancellationToken)).ToDictionary(found => found.Key, found => IndexedText.QuestionOf(found.Value));

    private void End(SemanticQuery query)
    {
        Interlocked.Decrement(ref _indexing);
        _pending?.End(query.Fingerprint);
    }

    private async ValueTask IndexAsync(SemanticQuery query, CacheEntry entry, long mark, CancellationToken cancellationToken)
    {
        Embedding embedding = await _embedder.EmbedAsync(query.Text!, cancellationToken);
        if (embedding.IsTruncated)
        {
            return;
        }

        // An index elsewhere may take what no search should meet.
        VectorQuantizer.RequireUsable(embedding.Vector.Span, _embedder.Dimensions);
        Fingerprint256 partition = _partition.Derive(query.Partition, ScriptDetector.Detect(query.Text!));
        await _index.UpsertAsync(
            new IndexedQuestion(partition, entry.Fingerprint, IndexedText.Of(query), entry.FreshUntil) { Source = query.Partition }, embedding.Vector, cancellationToken);
        if (_purges.Covers(entry, mark))
        {
            // Purged while it waited here: the purge itself may have come before the question.
            await _index.RemoveAsync(partition, entry.Fingerprint, cancellationToken);
            return;
        }

        Interlocked.Increment(ref _indexed);
    }

    private static partial class Log
    {
        [LoggerMessage(501, LogLevel.Warning, "The question of entry {Fingerprint} was not indexed", EventName = "QuestionNotIndexed")]
        public static partial void NotIndexed(ILogger logger, string fingerprint, Exception exception);
    }
}
