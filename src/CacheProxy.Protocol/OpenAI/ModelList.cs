namespace CacheProxy.Protocol.OpenAI;

/// <summary>Answer of <c>GET /v1/models</c>.</summary>
public sealed record ModelList
{
    public string Object { get; init; } = "list";

    public required IReadOnlyList<ModelInfo> Data { get; init; }
}

/// <summary>Answer of <c>GET /v1/models/{id}</c>.</summary>
/// <param name="Created">Unix seconds.</param>
public sealed record ModelInfo(string Id, long Created, string OwnedBy)
{
    public string Object { get; init; } = "model";
}
