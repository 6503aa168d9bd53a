using CacheProxy.Onnx.Tokenizers;
using CacheProxy.TestKit;

namespace CacheProxy.Onnx.Tests.Support;

/// <summary>The encoders that the repository ships.</summary>
internal static class BundledModels
{
    private static readonly Lazy<WordPieceTokenizer> s_bert = new(() => WordPieceTokenizer.Load(Folder("all-minilm-l6-v2", "tokenizer.json")));

    public static WordPieceTokenizer Bert => s_bert.Value;

    public static string Folder(params string[] parts) => Repository.File(["config", "models", .. parts]);
}
