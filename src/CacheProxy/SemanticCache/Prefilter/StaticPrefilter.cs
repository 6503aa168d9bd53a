using System.Collections.Concurrent;
using System.Numerics.Tensors;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Index;

namespace CacheProxy.SemanticCache.Prefilter;

/// <summary>
/// Rules clear misses out before the encoder runs: a question that has no neighbour in its partition even by its words. Keeps a static vector beside
/// each question of the in-process index. It can only say no, and only where it knows of every question of the partition: one whose words it does not
/// know, asked or stored, makes it step aside.
/// </summary>
public sealed class StaticPrefilter(IStaticEmbedder embedder, TimeProvider time) : IQuestionMirror, IDisposable
{
    private const int MaximumDimensions = 1024;

    private readonly MemoryVectorIndex _vectors = new(embedder.Dimensions, long.MaxValue, time);

    // Partition -> its questions without a vector. An empty set leaves.
    private readonly ConcurrentDictionary<Fingerprint256, HashSet<Fingerprint256>> _blind = new();

    public int Count => _vectors.Count;

    /// <summary>Code, sketch and the row's place.</summary>
    public int QuestionBytes => _vectors.VectorBytes + (2 * Fingerprint256.SizeBytes);

    /// <returns>True: no question of the partition has a static cosine of at least <paramref name="minimumSimilarity"/>.</returns>
    public bool RulesOut(Fingerprint256 partition, string text, float minimumSimilarity)
    {
        Span<float> vector = stackalloc float[embedder.Dimensions <= MaximumDimensions ? embedder.Dimensions : 0];
        if (vector.IsEmpty || !embedder.TryEmbed(text, vector) || _blind.ContainsKey(partition))
        {
            return false;
        }

        Neighbour[] nearest = new Neighbour[1];
        return _vectors.Search(partition, vector, minimumSimilarity, nearest) == 0;
    }

    /// <returns>The static cosine of two texts; null: one of them has no vector.</returns>
    public float? Similarity(string left, string right)
    {
        float[] one = new float[embedder.Dimensions], other = new float[embedder.Dimensions];
        return embedder.TryEmbed(left, one) && embedder.TryEmbed(right, other) ? TensorPrimitives.Dot<float>(one, other) : null;
    }

    public void Adding(IndexedQuestion question)
    {
        float[] vector = new float[embedder.Dimensions];
        if (embedder.TryEmbed(Questions.IndexedText.QuestionOf(question.Text), vector))
        {
            _vectors.Upsert(question with { Text = "" }, vector);
            See(question.Partition, question.Fingerprint);
        }
        else
        {
            // Seen as a whole or not at all: a reader finds the partition blind before the question's old vector leaves.
            HashSet<Fingerprint256> blind = _blind.GetOrAdd(question.Partition, _ => []);
            blind.Add(question.Fingerprint);
            _vectors.Remove(question.Partition, question.Fingerprint);
        }
    }

    public void Removed(in Fingerprint256 partition, in Fingerprint256 fingerprint)
    {
        _vectors.Remove(partition, fingerprint);
        See(partition, fingerprint);
    }

    public void Dispose() => _vectors.Dispose();

    // Only the index's writer, one at a time, touches the sets.
    private void See(in Fingerprint256 partition, in Fingerprint256 fingerprint)
    {
        if (_blind.TryGetValue(partition, out HashSet<Fingerprint256>? blind) && blind.Remove(fingerprint) && blind.Count == 0)
        {
            _blind.TryRemove(partition, out _);
        }
    }
}
