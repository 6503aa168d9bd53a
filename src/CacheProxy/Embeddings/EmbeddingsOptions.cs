using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Embeddings;

/// <summary>How embedding requests are cached, input by input. Section <c>Embeddings</c>; how long entries live is in <c>Exact</c>.</summary>
public sealed class EmbeddingsOptions
{
    public const string Section = "Embeddings";

    /// <summary>False: embedding requests pass by the cache. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The most inputs of one request; one with more passes by the cache. Default 2048, OpenAI's own limit.</summary>
    [Range(1, 65_536)]
    public int MaxInputs { get; set; } = 2048;

    /// <summary>
    /// The largest upstream answer that is kept to be stored and shared, in bytes; a larger one passes through, to a client that does not fall
    /// behind by as much. Default 160 MiB: 2,048 vectors of 3,072 numbers as indented text.
    /// </summary>
    [Range(65_536, 1 << 30)]
    public int MaxAnswerBytes { get; set; } = 160 << 20;
}
