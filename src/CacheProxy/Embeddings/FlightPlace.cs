namespace CacheProxy.Embeddings;

/// <summary>Where an input's vector is being made.</summary>
internal readonly record struct FlightPlace(EmbeddingFlight Flight, int Index);
