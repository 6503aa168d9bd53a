using CacheProxy.Observability;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache.Encoders.Endpoint;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The embedder that the settings name, whatever runs it.</summary>
public sealed class EmbedderSource : IDisposable
{
    // Beyond what the most patient caller waits.
    private static readonly TimeSpan EndpointTimeout = TimeSpan.FromSeconds(10);

    private readonly IDisposable[] _owned;

    private EmbedderSource(IEmbedder model, EmbedderOptions options, ITokenLimit? limit, params IDisposable[] owned)
    {
        _owned = owned;
        var sound = new CheckedEmbedder(model);
        bool isPrefixed = options.QueryPrefix.Length > 0 || options.PassagePrefix.Length > 0;
        string fingerprint = isPrefixed ? $"{model.Fingerprint}:{options.QueryPrefix.Length}:{options.QueryPrefix}{options.PassagePrefix}" : model.Fingerprint;
        Query = isPrefixed ? new PrefixedEmbedder(sound, options.QueryPrefix, fingerprint) : sound;
        Passage = isPrefixed ? new PrefixedEmbedder(sound, options.PassagePrefix, fingerprint) : sound;
        IsSymmetric = options.QueryPrefix == options.PassagePrefix;
        Limit = limit;
        Budget = TimeSpan.FromMilliseconds(options.BudgetMilliseconds);
    }

    /// <summary>For questions that are looked up.</summary>
    public IEmbedder Query { get; }

    /// <summary>For questions that are stored. Its vectors are compared with those of <see cref="Query"/>, and its fingerprint is the same.</summary>
    public IEmbedder Passage { get; }

    /// <summary>Both give a text the same vector.</summary>
    public bool IsSymmetric { get; }

    /// <summary>Null: only the endpoint knows.</summary>
    public ITokenLimit? Limit { get; }

    /// <summary>What a look-up waits for a vector.</summary>
    public TimeSpan Budget { get; }

    /// <param name="options">Checked: see <see cref="EmbedderOptionsRules"/>.</param>
    /// <param name="manifest">Of the bundled models.</param>
    /// <param name="tokenizers">Reads tokenizers of other kinds than BERT's from their files; null: encoders that need one are refused.</param>
    /// <param name="messages">What calls an endpoint; null: the system's own.</param>
    /// <exception cref="ModelFileException">The folder of the settings holds no encoder that can be used; the message names the key.</exception>
    public static EmbedderSource Create(
        EmbedderOptions options, ModelManifest manifest, OnnxSessionFactory factory, EmbedderMetrics metrics, Func<string, IEncoderTokenizer>? tokenizers = null,
        HttpMessageHandler? messages = null)
    {
        if (options.Kind == EmbedderOptions.EndpointKind)
        {
            var http = new HttpClient(messages ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), ActivityHeadersPropagator = null }) { Timeout = EndpointTimeout };
            var endpoint = new EndpointEmbedder(http, options, metrics);
            return new EmbedderSource(endpoint, options, limit: null, endpoint);
        }

        TextEmbedder text = options.Kind == EmbedderOptions.OnnxKind ? LoadFolder(options, factory, tokenizers) : BundledEncoders.LoadEmbedder(manifest, factory);
        var embedder = new OnnxEmbedder(text, Environment.ProcessorCount);
        return new EmbedderSource(embedder, options, new EmbedderTokenLimit(text), embedder, text);
    }

    public void Dispose() => Array.ForEach(_owned, owned => owned.Dispose());

    private static TextEmbedder LoadFolder(EmbedderOptions options, OnnxSessionFactory factory, Func<string, IEncoderTokenizer>? tokenizers)
    {
        try
        {
            return EncoderFolder.Load(factory, options.Folder, new TextEmbedderOptions
            {
                Pooling = options.Pooling == EmbedderOptions.ClassifyPooling ? Pooling.Classify : Pooling.Mean,
                Normalize = options.Normalize,
                MaxTokens = options.MaximumTokens,
            }, tokenizers);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException or Microsoft.ML.OnnxRuntime.OnnxRuntimeException)
        {
            throw new ModelFileException($"{EmbedderOptions.Section}:{nameof(options.Folder)}: {exception.Message}", exception);
        }
    }
}
