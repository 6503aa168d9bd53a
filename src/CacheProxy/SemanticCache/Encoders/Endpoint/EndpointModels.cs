using System.Text.Json.Serialization;

namespace CacheProxy.SemanticCache.Encoders.Endpoint;

// The bodies of OpenAI's POST /v1/embeddings, as far as they are written and read here.

internal sealed record EndpointRequest(string Model, IReadOnlyList<string> Input, string EncodingFormat, int? Dimensions);

internal sealed record EndpointAnswer(IReadOnlyList<EndpointVector>? Data, EndpointUsage? Usage);

internal sealed record EndpointVector(int Index, float[]? Embedding);

internal sealed record EndpointUsage(long? PromptTokens, long? TotalTokens);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EndpointRequest))]
[JsonSerializable(typeof(EndpointAnswer))]
internal sealed partial class EndpointJson : JsonSerializerContext;
