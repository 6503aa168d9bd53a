using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;
using CacheProxy.Onnx.Tokenizers;
using CacheProxy.TestKit;

namespace CacheProxy.Onnx.Tests.Support;

/// <summary>The encoders that the repository ships, each loaded once for all tests.</summary>
internal static class BundledModels
{
    public static OnnxSessionFactory Factory { get; } = new(new OnnxSessionSettings());

    private static readonly Lazy<WordPieceTokenizer> s_bert = new(() => WordPieceTokenizer.Load(Folder("all-minilm-l6-v2", "tokenizer.json")));
    private static readonly Lazy<ModelManifest> s_manifest = new(() => ModelManifest.Load(Folder()));
    private static readonly Lazy<TextEmbedder> s_embedder = new(() => BundledEncoders.LoadEmbedder(Manifest, Factory));
    private static readonly Lazy<SameAnswerVerifier> s_verifier = new(() => BundledEncoders.LoadVerifier(Manifest, Factory));

    public static WordPieceTokenizer Bert => s_bert.Value;

    public static ModelManifest Manifest => s_manifest.Value;

    public static TextEmbedder Embedder => s_embedder.Value;

    public static SameAnswerVerifier Verifier => s_verifier.Value;

    public static string Folder(params string[] parts) => Repository.File(["config", "models", .. parts]);
}
