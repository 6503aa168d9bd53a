namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>The load of a soak.</summary>
public sealed record SoakOptions
{
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Mean arrivals per second; the gaps are exponential, so they come in bursts.</summary>
    public double RequestsPerSecond { get; init; } = 12;

    /// <summary>Requests under way at once; beyond it arrivals wait, as behind a load balancer.</summary>
    public int MaxOpen { get; init; } = 96;

    public int Seed { get; init; } = 1;

    /// <summary>Token ids are drawn from 0 to this.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Longest prompt, in tokens.</summary>
    public int MaxPrompt { get; init; } = 300;

    /// <summary>Longest answer, in tokens.</summary>
    public int MaxTokens { get; init; } = 48;

    /// <summary>After this long without an answer a request counts as lost.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromMinutes(2);
}
