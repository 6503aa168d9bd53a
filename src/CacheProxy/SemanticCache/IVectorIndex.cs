using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache;

/// <summary>Nearest questions inside one partition. Faults and time-outs surface as exceptions; the caller turns them into misses.</summary>
public interface IVectorIndex
{
    /// <summary>Short name for logs and metrics: <c>memory</c>, <c>qdrant</c>.</summary>
    string Name { get; }

    /// <summary>The most similar unexpired questions of the partition, best first.</summary>
    /// <param name="vector">L2-normalised, the embedder's dimensions.</param>
    /// <param name="minimumSimilarity">Cosine below which a neighbour is left out.</param>
    ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken);

    /// <summary>Adds or replaces the question of <see cref="IndexedQuestion.Fingerprint"/>.</summary>
    ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken);

    ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken);

    /// <summary>The texts of the questions that these entries answer, as they are indexed; what is not is left out.</summary>
    ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken);

    /// <summary>Removes the questions that these entries answer, whatever partition they are in.</summary>
    ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken);
}

/// <param name="Partition">Everything of the request but the last user turn; includes the embedder's fingerprint.</param>
/// <param name="Fingerprint">The entry that answers it.</param>
/// <param name="Text">The question, as the verifier reads it, and what was said before where that is judged too: see <see cref="Questions.IndexedText"/>.</param>
/// <param name="UsableUntil">When its entry stops being of use.</param>
public sealed record IndexedQuestion(Fingerprint256 Partition, Fingerprint256 Fingerprint, string Text, DateTimeOffset UsableUntil)
{
    /// <summary>The request's own partition, from which <see cref="Partition"/> is derived, for whoever keeps questions across a change of models. Not part of what a search finds.</summary>
    public Fingerprint256? Source { get; init; }
}

/// <param name="Similarity">Cosine, -1..1.</param>
public readonly record struct Neighbour(IndexedQuestion Question, float Similarity);
