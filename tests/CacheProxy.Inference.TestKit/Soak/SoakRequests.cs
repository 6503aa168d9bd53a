using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>Draws requests: few prefixes that many share, a tenant that floods, all priorities, some deadlines, drafts on and off.</summary>
internal sealed class SoakRequests(SoakOptions options, Random random)
{
    private readonly int[][] _prefixes =
        [.. Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, random.Next(16, Math.Max(17, options.MaxPrompt * 2 / 3))).Select(_ => random.Next(options.Vocabulary)).ToArray())];

    public GenerationRequest Next()
    {
        int[] prefix = random.Next(5) == 0 ? [] : _prefixes[random.Next(_prefixes.Length)];
        string tenant = random.Next(5) < 3 ? "flood" : $"tenant-{random.Next(4)}";
        return new GenerationRequest
        {
            PromptTokens = [.. prefix, .. Enumerable.Range(0, 1 + random.Next(Math.Max(1, options.MaxPrompt / 3))).Select(_ => random.Next(options.Vocabulary))],
            MaxTokens = 1 + random.Next(options.MaxTokens),
            Sampling = random.Next(2) == 0
                ? SamplingOptions.Greedy
                : new SamplingOptions(Temperature: 0.5f + random.NextSingle(), TopP: random.Next(2) == 0 ? 1 : 0.9f, FrequencyPenalty: random.Next(4) == 0 ? 0.5f : 0, Seed: random.Next()),
            Stop = random.Next(6) == 0 ? [". ", "\n"] : [],
            IgnoreEndOfSequence = random.Next(2) == 0,
            TopLogProbs = random.Next(10) == 0 ? random.Next(5) : null,
            Salt = tenant,
            Priority = random.Next(8) == 0 ? random.Next(-1, 3) : 0,
            Speculate = random.Next(4) == 0 ? 0 : null,
            Deadline = random.Next(10) == 0 ? TimeProvider.System.GetUtcNow().AddMilliseconds(random.Next(20, 4000)) : null,
        };
    }
}
