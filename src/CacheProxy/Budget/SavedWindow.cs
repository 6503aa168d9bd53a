using System.Text.Json.Serialization;

namespace CacheProxy.Budget;

/// <summary>One window in the file. Times in Unix seconds; a share is its version, requests, tokens and 1e-9 US dollars.</summary>
internal sealed record SavedWindow(string Budget, string Tenant, string User, string Model, long Start, long End, Dictionary<string, long[]> Shares);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SavedWindow[]))]
internal sealed partial class BudgetJson : JsonSerializerContext;
