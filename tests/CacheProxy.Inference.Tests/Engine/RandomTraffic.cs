using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>Requests that share beginnings, repeat themselves and use every option that changes an answer. Seeded.</summary>
internal sealed class RandomTraffic
{
    private readonly Random _random;
    private readonly int[][] _beginnings;

    public RandomTraffic(int seed)
    {
        _random = new Random(seed);
        _beginnings = [.. Enumerable.Range(0, 6).Select(_ => Tokens(_random.Next(40, 100)))];
    }

    /// <summary>A part of a known beginning with something of its own behind it, now and then in a loop.</summary>
    public GenerationRequest Next()
    {
        int[] beginning = _beginnings[_random.Next(_beginnings.Length)];
        int[] own = Tokens(_random.Next(0, 20));
        int repeats = _random.Next(3) == 0 ? 3 : 1;
        int[] prompt = [.. beginning[..(Chance(3) ? _random.Next(8, beginning.Length) : beginning.Length)], .. Enumerable.Repeat(own, repeats).SelectMany(part => part)];
        int most = _random.Next(1, 40);
        return new GenerationRequest
        {
            PromptTokens = prompt,
            MaxTokens = most,
            MinTokens = Chance(4) ? _random.Next(0, most + 1) : 0,
            IgnoreEndOfSequence = Chance(2),
            TopLogProbs = _random.Next(3),
            PromptLogProbs = Chance(12) ? 1 : null,
            Salt = Chance(5) ? "b" : "",
            Tenant = $"tenant {_random.Next(3)}",
            Priority = _random.Next(-1, 2),
            LogitBias = Chance(4) ? new Dictionary<int, float> { [_random.Next(256)] = 8, [_random.Next(256)] = -100 } : null,
            Sampling = Sampling(),
        };
    }

    /// <summary>The same prompt for several answers at once, as n above 1 has it. Long and never seen before.</summary>
    public GenerationRequest[] NextSiblings()
    {
        GenerationRequest first = Next() with { PromptTokens = Tokens(90), MaxTokens = 80, IgnoreEndOfSequence = true, PromptLogProbs = null, Salt = "", Priority = 0 };
        return [.. Enumerable.Range(0, 3).Select(index => first with { Sampling = new SamplingOptions(Temperature: 0.8f, Seed: index) })];
    }

    /// <summary>One in so many.</summary>
    public bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    public int Below(int limit) => _random.Next(limit);

    private SamplingOptions Sampling() => _random.Next(3) switch
    {
        0 => SamplingOptions.Greedy,
        1 => new SamplingOptions(Temperature: 0, PresencePenalty: 0.5f, FrequencyPenalty: 0.3f, RepetitionPenalty: 1.2f),
        _ => new SamplingOptions(Temperature: 0.7f, TopP: 0.9f, TopK: _random.Next(60), MinP: 0.01f, RepetitionPenalty: 1.1f, Seed: _random.Next()),
    };

    // Letters, so that each token is a character and stop texts can be taken from answers.
    private int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.Next(32, 127))];
}
