namespace CacheProxy.Inference.Graph;

/// <summary>Names of the constants that attention of a layer takes, each empty where the family has none.</summary>
/// <param name="QueryNorm">Weights of the queries' RMS norm.</param>
/// <param name="KeyNorm">Weights of the keys'.</param>
/// <param name="Bias">Of the packed projection.</param>
internal readonly record struct AttentionExtras(string QueryNorm, string KeyNorm, string Bias);
