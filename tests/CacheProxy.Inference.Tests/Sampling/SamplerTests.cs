using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Sampling;

namespace CacheProxy.Inference.Tests.Sampling;

public sealed class SamplerTests
{
    [Fact]
    public void Choose_Greedy_TakesTheLargestAndTheFirstOfEqual()
    {
        Assert.Equal(2, Choose([0, 1, 5, 3, 5], SamplingOptions.Greedy));
        Assert.Equal(2, Choose([0, 1, 5, 3, 5], new SamplingOptions(Temperature: 1e-7f)));
        Assert.Equal(2, Choose([0, 1, 5, 3, 5], new SamplingOptions(TopK: 1)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Choose_NotFinite_IsRefused(float bad)
    {
        Assert.Equal(-1, Choose([0, bad, 1], SamplingOptions.Greedy));
        Assert.Equal(-1, Choose([0, bad, 1], new SamplingOptions()));
        Assert.Equal(-1, Choose([float.NegativeInfinity, float.NegativeInfinity], new SamplingOptions()));
    }

    [Fact]
    public void Choose_MaskedTokens_AreNeverDrawn()
    {
        float[] logits = [float.NegativeInfinity, 0, float.NegativeInfinity, 0];
        var state = new SamplingState(new SamplingOptions(Seed: 3), 0);
        var sampler = new Sampler(4);

        for (int i = 0; i < 300; i++)
        {
            int token = sampler.Choose(logits, state);
            Assert.True(token is 1 or 3);
            state.Record(token);
        }
    }

    [Fact]
    public void Choose_Penalties_PushGeneratedTokensDownOnceAndPerOccurrence()
    {
        float[] logits = [1.0f, 0.9f, 0.2f];
        var sampler = new Sampler(3);
        var state = new SamplingState(new SamplingOptions(Temperature: 0, PresencePenalty: 0.5f, FrequencyPenalty: 0.1f), 0);
        var chosen = new List<int>();

        for (int i = 0; i < 6; i++)
        {
            chosen.Add(sampler.Choose(logits, state));
            state.Record(chosen[^1]);
        }

        Assert.Equal(chosen.Select((_, i) => NaivePenalised(logits, chosen.Take(i), 0.5f, 0.1f)), chosen);
        Assert.Equal([0, 1, 0], chosen[..3]);
        Assert.Contains(2, chosen);
        Assert.Equal(1.0f, logits[0]);
    }

    [Fact]
    public void Choose_BiasThenRepetitionThenFrequency_FollowTheFormula()
    {
        // 0: 2 + 3 = 5, seen: 5 / 2 = 2.5; 1: -1 seen: -1 * 2 = -2; 2: 2.4; generated once: 2.4 / 2 - 0.5 = 0.7.
        float[] logits = [2f, -1f, 2.4f];
        var state = new SamplingState(
            new SamplingOptions(RepetitionPenalty: 2f, FrequencyPenalty: 0.5f), 0, prompt: [0, 1, 1], new Dictionary<int, float> { [0] = 3f });
        state.Record(2);

        state.Adjust(logits);

        Assert.Equal([2.5f, -2f, 0.7f], logits.Select(logit => MathF.Round(logit, 4)));
    }

    [Theory]
    [InlineData(0f, 1f, 0)]
    [InlineData(1f, 1f, 0)]
    [InlineData(1f, 0.9f, 0)]
    [InlineData(1.5f, 1f, 40)]
    [InlineData(1.5f, 0.5f, 3)]
    public void Choose_MaskAndBans_LeaveOnlyWhatIsAllowed(float temperature, float topP, int topK)
    {
        var random = new Random(5);
        const int size = 333;
        var mask = new uint[TokenMask.WordsFor(size)];
        var sampler = new Sampler(size);
        var state = new SamplingState(new SamplingOptions(temperature, topP, topK, Seed: 1), 0);
        for (int round = 0; round < 300; round++)
        {
            float[] logits = [.. Enumerable.Range(0, size).Select(_ => (random.NextSingle() * 40) - 20)];
            int[] allowed = [.. Enumerable.Range(0, size).Where(_ => random.Next(round % 30 == 0 ? 2 : 60) == 0).Append(random.Next(size)).Distinct()];
            int[] banned = allowed.Length > 1 ? [allowed[0]] : [];
            Array.Clear(mask);
            Array.ForEach(allowed, token => TokenMask.Set(mask, token));

            int token = sampler.Choose(logits, state, mask, banned);

            Assert.Contains(token, allowed.Except(banned));
            state.Record(token);
        }

        Assert.Equal(-1, sampler.Choose(new float[size], state, new uint[mask.Length]));
    }

    [Theory]
    [InlineData(1f, 1f, 0, 0f)]
    [InlineData(0.7f, 1f, 0, 0f)]
    [InlineData(1.6f, 0.9f, 0, 0f)]
    [InlineData(1f, 0.5f, 0, 0f)]
    [InlineData(1f, 1f, 5, 0f)]
    [InlineData(1f, 0.8f, 7, 0f)]
    [InlineData(1f, 1f, 0, 0.2f)]
    [InlineData(1.2f, 0.9f, 30, 0.05f)]
    public void Choose_ManyDraws_FollowTheTruncatedDistribution(float temperature, float topP, int topK, float minP)
    {
        const int draws = 40_000;
        var random = new Random(17);
        float[] logits = [.. Enumerable.Range(0, 150).Select(i => (i % 19 == 0 ? 4f : 0f) + (float)(random.NextDouble() * 3))];
        var options = new SamplingOptions(temperature, topP, topK, minP, Seed: 99);
        double[] expected = NaiveDistribution(logits, options);
        var sampler = new Sampler(logits.Length);
        var state = new SamplingState(options, 0);
        var counts = new int[logits.Length];

        for (int i = 0; i < draws; i++)
        {
            int token = sampler.Choose(logits, state);
            counts[token]++;
            state.Record(token);
        }

        Assert.All(Enumerable.Range(0, logits.Length).Where(token => expected[token] == 0), token => Assert.Equal(0, counts[token]));
        (double statistic, int freedom) = ChiSquare(counts, expected, draws);
        // Mean = freedom, deviation = sqrt(2 freedom); five deviations is beyond chance, and the seed is fixed.
        Assert.True(statistic < freedom + (5 * Math.Sqrt(2 * freedom)), $"chi² {statistic:0.0} with {freedom} degrees of freedom");
    }

    [Fact]
    public void Choose_SameSeedAndIndex_IsTheSameWhateverTheSamplerDidBetween()
    {
        var random = new Random(5);
        float[][] rows = [.. Enumerable.Range(0, 50).Select(_ => RandomLogits(random, 1000))];
        var options = new SamplingOptions(TopP: 0.9f, Seed: 7);
        int[] alone = DrawAll(new Sampler(1000), rows, options, between: null);
        var noise = new SamplingState(new SamplingOptions(Seed: 8), 0);

        int[] mixed = DrawAll(new Sampler(1000), rows, options, sampler => noise.Record(sampler.Choose(rows[random.Next(50)], noise)));

        Assert.Equal(alone, mixed);
        Assert.NotEqual(alone, DrawAll(new Sampler(1000), rows, options with { Seed = 9 }, between: null));
    }

    [Fact]
    public void Choose_FlatLargeVocabulary_WidensItsSearchAndStaysInTheNucleus()
    {
        var random = new Random(6);
        float[] logits = [.. Enumerable.Range(0, 49152).Select(_ => (float)random.NextDouble())];
        float bound = logits.Order().ElementAt(49152 / 2);
        var sampler = new Sampler(logits.Length);
        var state = new SamplingState(new SamplingOptions(Temperature: 100f, TopP: 0.4f, Seed: 1), 0);

        for (int i = 0; i < 20; i++)
        {
            int token = sampler.Choose(logits, state);
            Assert.True(logits[token] > bound);
            state.Record(token);
        }
    }

    [Fact]
    public void Choose_Warm_AllocatesNothing()
    {
        var random = new Random(8);
        float[] logits = RandomLogits(random, 49152);
        var sampler = new Sampler(logits.Length);
        SamplingState[] states =
        [
            new(SamplingOptions.Greedy, 1),
            new(new SamplingOptions(), 2),
            new(new SamplingOptions(TopP: 0.9f, TopK: 40, MinP: 0.01f), 3),
            new(new SamplingOptions(TopP: 0.99f), 4),
            new(new SamplingOptions(Temperature: 0, PresencePenalty: 1), 5),
        ];
        Array.ForEach(states, state => state.Record(sampler.Choose(logits, state)));

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (SamplingState state in states)
        {
            sampler.Choose(logits, state);
            sampler.LogSumExp(logits);
            sampler.Top(logits, 20);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Top_AnyLogits_EqualsTheSortedHead()
    {
        var random = new Random(9);
        var sampler = new Sampler(3000);
        for (int round = 0; round < 100; round++)
        {
            float[] logits = RandomLogits(random, 3000);

            Candidate[] top = sampler.Top(logits, 20).ToArray();

            Assert.Equal(logits.Select((value, i) => new Candidate(i, value)).OrderByDescending(c => c.Weight).ThenBy(c => c.Token).Take(20), top);
        }
    }

    [Fact]
    public void LogSumExp_LargeAndSmallLogits_EqualsDoublePrecision()
    {
        var random = new Random(10);
        float[] logits = [.. RandomLogits(random, 49152).Select(value => value * 10 + 80)];
        double max = logits.Max();

        double expected = max + Math.Log(logits.Sum(value => Math.Exp(value - max)));

        Assert.Equal(expected, new Sampler(49152).LogSumExp(logits), 1e-5);
    }

    private static int Choose(float[] logits, SamplingOptions options) => new Sampler(logits.Length).Choose(logits, new SamplingState(options, 1));

    private static int[] DrawAll(Sampler sampler, float[][] rows, SamplingOptions options, Action<Sampler>? between)
    {
        var state = new SamplingState(options, 0);
        return [.. rows.Select(row =>
        {
            between?.Invoke(sampler);
            int token = sampler.Choose(row, state);
            state.Record(token);
            return token;
        })];
    }

    private static float[] RandomLogits(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 12 - 6))];

    private static int NaivePenalised(float[] logits, IEnumerable<int> generated, float presence, float frequency)
    {
        float[] penalised = [.. logits.Select((value, token) => generated.Count(t => t == token) is var n && n > 0 ? value - (presence + (frequency * n)) : value)];
        return Array.IndexOf(penalised, penalised.Max());
    }

    /// <summary>Temperature, min-p, top-k, top-p by the book: full sort, doubles.</summary>
    private static double[] NaiveDistribution(float[] logits, SamplingOptions options)
    {
        double max = logits.Max();
        var weights = logits.Select((logit, token) => (Token: token, Weight: Math.Exp((logit - max) / options.Temperature)))
            .Where(c => c.Weight >= options.MinP).OrderByDescending(c => c.Weight).ThenBy(c => c.Token)
            .Take(options.TopK == 0 ? logits.Length : options.TopK).ToList();
        double mass = options.TopP * weights.Sum(c => c.Weight);
        double before = 0;
        var kept = weights.TakeWhile(c => (before += c.Weight) - c.Weight < mass).ToList();
        var distribution = new double[logits.Length];
        kept.ForEach(c => distribution[c.Token] = c.Weight / kept.Sum(k => k.Weight));
        return distribution;
    }

    /// <summary>Tokens expected fewer than 8 times are taken together.</summary>
    private static (double Statistic, int Freedom) ChiSquare(int[] counts, double[] expected, int draws)
    {
        double statistic = 0;
        (double Expected, int Count) rest = default;
        int cells = 0;
        for (int token = 0; token < counts.Length; token++)
        {
            double wanted = expected[token] * draws;
            if (wanted < 8)
            {
                rest = (rest.Expected + wanted, rest.Count + counts[token]);
                continue;
            }

            statistic += Math.Pow(counts[token] - wanted, 2) / wanted;
            cells++;
        }

        statistic += rest.Expected > 0 ? Math.Pow(rest.Count - rest.Expected, 2) / rest.Expected : 0;
        return (statistic, Math.Max(1, cells - (rest.Expected > 0 ? 0 : 1)));
    }
}
