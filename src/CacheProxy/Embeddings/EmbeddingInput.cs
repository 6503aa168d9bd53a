namespace CacheProxy.Embeddings;

/// <summary>One text or token array of a request.</summary>
/// <param name="Start">Where its JSON begins in the request's body.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Weight">Its tokens where they are given, else the bytes of its text: by it, shares of a batch's tokens are told.</param>
internal readonly record struct EmbeddingInput(int Start, int End, int Weight);
