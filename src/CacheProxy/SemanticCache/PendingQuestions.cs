using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Prefilter;

namespace CacheProxy.SemanticCache;

/// <summary>
/// Questions whose answers are on their way to becoming findable: between the client's last byte and the index lie a few milliseconds, in which the
/// same client may already ask in other words. A look-up waits for those of its partition that are that far, and for no others. Safe for many threads.
/// </summary>
/// <param name="prefilter">Says whether two texts have anything in common, so that strangers do not wait for each other; null: whoever shares the partition waits.</param>
/// <param name="minimumSimilarity">Static cosine from which on two texts may mean the same.</param>
public sealed class PendingQuestions(StaticPrefilter? prefilter = null, Func<float>? minimumSimilarity = null)
{
    // Behind a longer queue than this the wait would be for the queue and not for the question.
    private const int MostAwaited = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<Fingerprint256, PendingQuestion> _byFingerprint = [];
    private readonly Dictionary<Fingerprint256, List<PendingQuestion>> _byPartition = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byFingerprint.Count;
            }
        }
    }

    /// <summary>The upstream is about to be asked. Whoever begins sees to it that it ends.</summary>
    public void Begin(SemanticQuery query, IAnswerCapture? capture)
    {
        lock (_lock)
        {
            var pending = new PendingQuestion(query, capture);
            if (_byFingerprint.TryAdd(query.Fingerprint, pending))
            {
                (_byPartition.TryGetValue(query.Partition, out List<PendingQuestion>? others) ? others : _byPartition[query.Partition] = []).Add(pending);
            }
        }
    }

    /// <summary>Its answer is recorded and waits to be indexed: whoever indexes sees to its end from here on.</summary>
    public void Queued(in Fingerprint256 fingerprint)
    {
        lock (_lock)
        {
            if (_byFingerprint.TryGetValue(fingerprint, out PendingQuestion? pending))
            {
                pending.IsQueued = true;
            }
        }
    }

    /// <summary>It can be found, or never will be.</summary>
    /// <param name="unlessQueued">Only if nobody is about to index it.</param>
    public void End(in Fingerprint256 fingerprint, bool unlessQueued = false)
    {
        PendingQuestion? pending;
        lock (_lock)
        {
            if (!_byFingerprint.TryGetValue(fingerprint, out pending) || (unlessQueued && pending.IsQueued))
            {
                return;
            }

            _byFingerprint.Remove(fingerprint);
            List<PendingQuestion> others = _byPartition[pending.Query.Partition];
            if (others.Remove(pending) && others.Count == 0)
            {
                _byPartition.Remove(pending.Query.Partition);
            }
        }

        pending.End();
    }

    /// <returns>Completes when those can be found that may mean the same and whose clients have their answers; null: there are none.</returns>
    public Task? WaitFor(SemanticQuery query)
    {
        PendingQuestion[] others;
        lock (_lock)
        {
            if (!_byPartition.TryGetValue(query.Partition, out List<PendingQuestion>? known) || known.Count > MostAwaited)
            {
                return null;
            }

            others = [.. known];
        }

        Task[] awaited = [.. others.Where(other => other.HasAnswered && IsNear(other.Query, query)).Select(other => other.Ended)];
        return awaited.Length == 0 ? null : Task.WhenAll(awaited);
    }

    private bool IsNear(SemanticQuery left, SemanticQuery right)
        => left.Fingerprint != right.Fingerprint && (prefilter?.Similarity(left.Text!, right.Text!) is not { } cosine || cosine >= (minimumSimilarity?.Invoke() ?? 0));
}
