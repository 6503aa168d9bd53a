using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Scoring;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>The bundled encoder and verifier, loaded once for all tests of a class.</summary>
public sealed class RealEncoders : IDisposable
{
    private static readonly Lazy<IStaticEmbedder> s_static = new(
        () => new BundledStaticEmbedder(BundledEncoders.LoadStatic(ModelManifest.Load(Repository.File("config", "models")))));

    private readonly TextEmbedder _embedder;
    private readonly SameAnswerVerifier _verifier;
    private readonly OnnxEmbedder _onnxEmbedder;
    private readonly OnnxVerifier _onnxVerifier;

    public RealEncoders()
    {
        ModelManifest manifest = ModelManifest.Load(Repository.File("config", "models"));
        var factory = new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = 1 });
        _embedder = BundledEncoders.LoadEmbedder(manifest, factory);
        _verifier = BundledEncoders.LoadVerifier(manifest, factory);
        _onnxEmbedder = new OnnxEmbedder(_embedder, 2);
        _onnxVerifier = new OnnxVerifier(_verifier, 2);
        Score = new CascadeScore(CascadeModel.Load(Repository.File("config", "models", "same-answer-minilm", "cascade.json"), _verifier.Fingerprint));
        Embedder = new CachingEmbedder(_onnxEmbedder, 1000);
    }

    public static IStaticEmbedder Static => s_static.Value;

    public IEmbedder Embedder { get; }

    public IVerifier Verifier => _onnxVerifier;

    public CascadeScore Score { get; }

    public void Dispose()
    {
        _onnxVerifier.Dispose();
        _onnxEmbedder.Dispose();
        _verifier.Dispose();
        _embedder.Dispose();
    }
}
