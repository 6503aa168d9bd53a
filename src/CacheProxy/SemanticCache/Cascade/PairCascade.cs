using System.Numerics.Tensors;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Guards;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.SemanticCache.Text;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Cascade;

/// <summary>
/// The cascade over pairs of questions instead of a request and an index: the same steps, the same order, no index, stores or budget. What one call
/// gets is worked on in batches by as many threads as encoder and verifier take; nothing is kept from one call to the next. Faults surface as exceptions.
/// </summary>
public sealed class PairCascade(
    IEmbedder embedder,
    GuardChain guards,
    IVerifier verifier,
    CascadeScore score,
    ISemanticPolicy policy,
    IOptionsMonitor<SemanticOptions> options,
    TimeProvider time,
    IStaticEmbedder? staticEmbedder = null)
{
    // A batch takes as long as its longest pair for every row; sorted, the rows of one are of like length.
    private const int PairsPerBatch = 16;

    private static readonly int Parallelism = Math.Max(2, Environment.ProcessorCount);

    private readonly PairJudge _judge = new(guards, verifier, score, policy);

    /// <summary>Ask guards and verifier about pairs, too, that an earlier step has ruled out: what they would have said, for reports. The verdict is the same.</summary>
    public bool IsThorough { get; init; }

    /// <summary>Whose pairs they are, for a policy that tells models, routes or tags apart. Default: nobody's.</summary>
    public PolicyScope Scope { get; init; } = new("", "", "", "", [], default, default);

    /// <returns>One verdict for each pair, in order.</returns>
    public async ValueTask<IReadOnlyList<PairVerdict>> JudgeAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken)
    {
        SemanticOptions current = options.CurrentValue;
        var runs = new PairRun[pairs.Count];
        Parallel.For(0, runs.Length, i => runs[i] = Read(pairs[i], current));
        await EmbedAsync(runs, cancellationToken);
        Parallel.For(0, runs.Length, i => Guard(runs[i], current));
        await VerifyAsync(runs, cancellationToken);
        return [.. runs.Select(run => run.Conclude())];
    }

    private PairRun Read(QuestionPair pair, SemanticOptions current)
    {
        long started = time.GetTimestamp();
        SemanticReason unfit = Check(pair.Cached, current, out QuestionText? cached);
        SemanticReason unfitAsked = Check(pair.Asked, current, out QuestionText? asked);
        var run = new PairRun(pair, unfit == SemanticReason.None ? unfitAsked : unfit, cached, asked);
        long read = time.GetTimestamp();
        run.StaticCosine = StaticCosine(pair);
        run.IsClearMiss = current.Prefilter && run.StaticCosine < current.PrefilterSimilarity;
        run.Times.Eligibility = time.GetElapsedTime(started, read);
        run.Times.StaticEmbedding = time.GetElapsedTime(read);
        return run;
    }

    // A text without a static vector is ruled out by none.
    private float? StaticCosine(QuestionPair pair)
    {
        if (staticEmbedder is null)
        {
            return null;
        }

        float[] cached = new float[staticEmbedder.Dimensions], asked = new float[staticEmbedder.Dimensions];
        return staticEmbedder.TryEmbed(pair.Cached, cached) && staticEmbedder.TryEmbed(pair.Asked, asked) ? TensorPrimitives.Dot<float>(cached, asked) : null;
    }

    private static SemanticReason Check(string text, SemanticOptions current, out QuestionText? question)
        => SemanticEligibility.Check(new SemanticQuery { Scope = "", Partition = default, Text = text }, current, out question);

    private async Task EmbedAsync(PairRun[] runs, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        string[] texts = [.. runs.SelectMany(run => new[] { run.Pair.Cached, run.Pair.Asked }).Distinct(StringComparer.Ordinal).OrderBy(text => text.Length)];
        var embeddings = new Embedding[texts.Length];
        await Parallel.ForAsync(
            0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = Parallelism * PairsPerBatch, CancellationToken = cancellationToken },
            async (i, token) => embeddings[i] = await embedder.EmbedAsync(texts[i], token));
        Dictionary<string, Embedding> byText = texts.Zip(embeddings).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        TimeSpan share = time.GetElapsedTime(started) / Math.Max(1, runs.Length);
        foreach (PairRun run in runs)
        {
            run.Embedded(byText[run.Pair.Cached], byText[run.Pair.Asked]);
            run.Times.Embedding = share;
        }
    }

    private void Guard(PairRun run, SemanticOptions current)
    {
        run.IsSimilar = run.Cosine >= current.MinimumSimilarity;

        // Guards compare words with words: what is too long to be looked up is not for them either.
        if (run is { Unfit: SemanticReason.None, IsClearMiss: false, IsSimilar: true } || (IsThorough && run.Unfit != SemanticReason.TooLong))
        {
            long started = time.GetTimestamp();
            run.Vetoes = _judge.Vetoes(run.Cached, run.Asked);
            run.Times.Guards = time.GetElapsedTime(started);
        }
    }

    private async Task VerifyAsync(PairRun[] runs, CancellationToken cancellationToken)
    {
        PairRun[][] batches =
        [
            .. runs.Where(run => IsThorough || run is { Unfit: SemanticReason.None, IsClearMiss: false, IsSimilar: true, Vetoes.Count: 0 })
                .OrderBy(run => run.Pair.Cached.Length + run.Pair.Asked.Length)
                .Chunk(PairsPerBatch),
        ];
        await Parallel.ForEachAsync(
            batches, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (batch, token) =>
            {
                long started = time.GetTimestamp();
                PairCandidate[] candidates = [.. batch.Select(run => new PairCandidate(Scope, run.Cached, run.Asked, run.Cosine, run.StaticCosine))];
                IReadOnlyList<PairJudgement> judgements = await _judge.JudgeAsync(candidates, token);
                TimeSpan share = time.GetElapsedTime(started) / batch.Length;
                for (int i = 0; i < batch.Length; i++)
                {
                    batch[i].Judgement = judgements[i];
                    batch[i].Times.Verifier = share;
                }
            });
    }
}
