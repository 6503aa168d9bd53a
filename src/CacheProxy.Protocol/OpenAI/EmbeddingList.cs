namespace CacheProxy.Protocol.OpenAI;

/// <summary>Answer of <c>POST /v1/embeddings</c>.</summary>
public sealed record EmbeddingList
{
    public string Object { get; init; } = "list";

    public required IReadOnlyList<Embedding> Data { get; init; }

    public required string Model { get; init; }

    public required EmbeddingUsage Usage { get; init; }
}

public sealed record Embedding
{
    public string Object { get; init; } = "embedding";

    public required int Index { get; init; }

    /// <summary>Numbers, or base64 of the little-endian floats.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("embedding")]
    public required EmbeddingVector Vector { get; init; }
}

public sealed record EmbeddingUsage(long PromptTokens, long TotalTokens);
