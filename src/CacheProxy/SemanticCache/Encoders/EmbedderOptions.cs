using System.ComponentModel.DataAnnotations;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>
/// Which model turns questions into vectors. Section <c>Semantic:Embedder</c>; read at start. After a change the stored questions are embedded
/// again in the background. Cosines of another model have another scale: check <c>Semantic:MinimumSimilarity</c> with <c>cacheproxy eval</c>.
/// </summary>
public sealed class EmbedderOptions
{
    public const string Section = "Semantic:Embedder";

    public const string BundledKind = "bundled";
    public const string OnnxKind = "onnx";
    public const string EndpointKind = "endpoint";
    public const string MeanPooling = "mean";
    public const string ClassifyPooling = "cls";

    /// <summary><c>bundled</c>: all-MiniLM-L6-v2. <c>onnx</c>: the encoder in <see cref="Folder"/>. <c>endpoint</c>: an OpenAI-compatible server at <see cref="Url"/>. Default <c>bundled</c>.</summary>
    public string Kind { get; set; } = BundledKind;

    /// <summary>For <c>onnx</c>: folder with tokenizer.json (WordPiece or BPE; no Unigram), config.json and model.onnx, or the path of one .onnx file in such a folder. 8-bit files work as they are.</summary>
    public string Folder { get; set; } = "";

    /// <summary>For <c>onnx</c>: <c>mean</c> over all tokens or <c>cls</c>, the first token's vector, as the model's card says. Default <c>mean</c>.</summary>
    public string Pooling { get; set; } = MeanPooling;

    /// <summary>For <c>onnx</c>: scale vectors to length 1. The index compares angles either way. Default true.</summary>
    public bool Normalize { get; set; } = true;

    /// <summary>For <c>onnx</c>: longest text in tokens, 3 to 8,192; longer questions are not looked up. Default 256.</summary>
    [Range(3, 8192)]
    public int MaximumTokens { get; set; } = 256;

    /// <summary>Put in front of a question that is looked up, such as <c>"query: "</c>; not for <c>bundled</c>. Default none.</summary>
    public string QueryPrefix { get; set; } = "";

    /// <summary>Put in front of a question that is stored, such as <c>"passage: "</c>; not for <c>bundled</c>. Default none.</summary>
    public string PassagePrefix { get; set; } = "";

    /// <summary>For <c>endpoint</c>: address up to and without <c>/embeddings</c>, such as <c>https://api.openai.com/v1</c>.</summary>
    public string Url { get; set; } = "";

    /// <summary>For <c>endpoint</c>: the model's name there.</summary>
    public string Model { get; set; } = "";

    /// <summary>For <c>endpoint</c>: sent as bearer token; best given as CACHEPROXY__SEMANTIC__EMBEDDER__APIKEY. Empty (the default): not sent. Never logged.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>For <c>endpoint</c>: components of its vectors, 1 to 8,192; an answer with another number is refused.</summary>
    [Range(0, 8192)]
    public int Dimensions { get; set; }

    /// <summary>For <c>endpoint</c>: ask for vectors of that many components, where the model can shorten them. Default false.</summary>
    public bool RequestDimensions { get; set; }

    /// <summary>For <c>endpoint</c>: US dollars for a million tokens, for the cost in the metrics. Default 0.</summary>
    [Range(0.0, 1_000_000.0)]
    public double PricePerMillionTokens { get; set; }

    /// <summary>Milliseconds that a look-up waits for its vector, 1 to 10,000; beyond it the request goes on as a miss. Default 80.</summary>
    [Range(1, 10_000)]
    public int BudgetMilliseconds { get; set; } = 80;

    /// <summary>Stored questions embedded again in a second after the model has changed, 1 to 10,000. Default 20.</summary>
    [Range(1, 10_000)]
    public int ReembedPerSecond { get; set; } = 20;
}
