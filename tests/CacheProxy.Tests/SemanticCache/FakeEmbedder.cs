using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>Vectors from word counts: texts that share words are similar. Deterministic, and made to fail or stall on demand.</summary>
internal sealed class FakeEmbedder : IEmbedder
{
    private int _calls;

    public string Fingerprint { get; init; } = "fake-embedder";

    public int Dimensions => 64;

    public int Calls => _calls;

    public Exception? Failure { get; set; }

    /// <summary>While not null, calls wait for it and ignore their cancellation.</summary>
    public TaskCompletionSource? Stall { get; set; }

    public bool IsTruncating { get; set; }

    /// <summary>The one text that fails.</summary>
    public string? FailsOn { get; set; }

    public async ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Stall is { } stall)
        {
            await stall.Task;
        }

        if (text == FailsOn)
        {
            throw new InvalidOperationException("this text");
        }

        return Failure is null ? new Embedding(VectorOf(text), IsTruncating) : throw Failure;
    }

    public static float[] VectorOf(string text)
    {
        float[] vector = new float[64];
        vector[0] = 1;
        foreach (string word in text.ToLowerInvariant().Split([' ', '?', '.', '!'], StringSplitOptions.RemoveEmptyEntries))
        {
            uint hash = 2166136261;
            foreach (char c in word)
            {
                hash = (hash ^ c) * 16777619;
            }

            vector[1 + (hash % 63)] += 1;
        }

        float length = MathF.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => x / length)];
    }
}
