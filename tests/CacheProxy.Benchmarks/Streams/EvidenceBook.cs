using System.Globalization;
using System.Numerics.Tensors;
using System.Text;
using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>What the product's cascade says about a pool's questions and their nearest neighbours. Verdicts are kept in a file, so that a second run computes nothing.</summary>
internal sealed class EvidenceBook(IEmbedder embedder, PairCascade cascade, string folder)
{
    private const int Neighbours = 10;
    private const float MinimumCosine = 0.6f;
    private const int PairsPerCall = 1024;

    private readonly Dictionary<(string, string), (float Cosine, double Probability)> _known = [];
    private readonly string _path = Path.Combine(folder, "stream-evidence.tsv");

    public async Task<StreamCandidate[][]> JudgeAsync(QuestionPool pool, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        Load();
        ReadOnlyMemory<float>[] vectors = await EmbedAsync(pool.Texts, cancellationToken);
        int[][] near = [.. ParallelEnumerable.Range(0, pool.Texts.Count).AsOrdered().Select(text => Nearest(pool, vectors, text))];
        (string, string)[] wanted = [.. near.SelectMany((others, text) => others.Select(other => Key(pool.Texts[other], pool.Texts[text]))).Distinct().Where(pair => !_known.ContainsKey(pair))];
        await JudgeAsync(wanted, cancellationToken);
        return [.. near.Select((others, text) => others.Select(other => Candidate(pool, other, text)).OrderByDescending(c => c.Cosine).ToArray())];
    }

    // One order for both directions: half the work, and the verifier says about the same.
    private static (string, string) Key(string one, string other) => string.CompareOrdinal(one, other) <= 0 ? (one, other) : (other, one);

    private StreamCandidate Candidate(QuestionPool pool, int cached, int asked)
    {
        (float cosine, double probability) = _known[Key(pool.Texts[cached], pool.Texts[asked])];
        return new StreamCandidate(cached, cosine, probability);
    }

    private static int[] Nearest(QuestionPool pool, ReadOnlyMemory<float>[] vectors, int text)
    {
        int[] partitions = pool.Partitions;
        return [.. Enumerable.Range(0, vectors.Length).Where(other => other != text && partitions[other] == partitions[text])
            .Select(other => (Other: other, Cosine: TensorPrimitives.Dot(vectors[other].Span, vectors[text].Span)))
            .Where(pair => pair.Cosine >= MinimumCosine).OrderByDescending(pair => pair.Cosine).Take(Neighbours).Select(pair => pair.Other)];
    }

    private async Task<ReadOnlyMemory<float>[]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new ReadOnlyMemory<float>[texts.Count];
        await Parallel.ForAsync(0, texts.Count, cancellationToken, async (i, token) => vectors[i] = (await embedder.EmbedAsync(texts[i], token)).Vector);
        return vectors;
    }

    private async Task JudgeAsync((string, string)[] wanted, CancellationToken cancellationToken)
    {
        if (wanted.Length == 0)
        {
            return;
        }

        await using var writer = new StreamWriter(_path, append: true, new UTF8Encoding(false));
        int done = 0;
        foreach ((string, string)[] chunk in wanted.Chunk(PairsPerCall))
        {
            IReadOnlyList<PairVerdict> verdicts = await cascade.JudgeAsync([.. chunk.Select(pair => new QuestionPair(pair.Item1, pair.Item2))], cancellationToken);
            foreach (((string one, string other), PairVerdict verdict) in chunk.Zip(verdicts))
            {
                _known[(one, other)] = (verdict.Cosine, verdict.Score);
                await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{verdict.Cosine:R}\t{verdict.Score:R}\t{one}\t{other}"));
            }

            await writer.FlushAsync(cancellationToken);
            done += chunk.Length;
            Console.WriteLine($"  {done:N0} of {wanted.Length:N0} pairs judged");
        }
    }

    private void Load()
    {
        foreach (string line in File.Exists(_path) ? File.ReadLines(_path) : [])
        {
            if (line.Split('\t') is [var cosine, var probability, var one, var other])
            {
                _known[(one, other)] = (float.Parse(cosine, CultureInfo.InvariantCulture), double.Parse(probability, CultureInfo.InvariantCulture));
            }
        }
    }
}
