namespace CacheProxy.Benchmarks.Streams;

/// <param name="Cached">Text that may have been answered.</param>
/// <param name="Probability">The cascade's score; 0: vetoed or not fit.</param>
internal readonly record struct StreamCandidate(int Cached, float Cosine, double Probability);
