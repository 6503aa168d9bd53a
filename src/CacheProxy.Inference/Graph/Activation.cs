namespace CacheProxy.Inference.Graph;

/// <summary>Names of an activation [T, width] and of the sums of its blocks of 32, [T, width / 32].</summary>
internal readonly record struct Activation(string Values, string Sums);
