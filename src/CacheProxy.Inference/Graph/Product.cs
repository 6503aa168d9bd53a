namespace CacheProxy.Inference.Graph;

/// <summary>Names of a product that still lacks its offsets: <see cref="Offsets"/> and <see cref="Sums"/> are empty where there are none.</summary>
internal readonly record struct Product(string Values, string Sums, string Offsets);
