using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;

namespace CacheProxy.Onnx.Encoders;

/// <summary>Loads the embedder and the verifier that a manifest lists, ready to use.</summary>
public static class BundledEncoders
{
    /// <summary>The manifest's embedder with mean pooling, unit length, 256 tokens.</summary>
    public static TextEmbedder LoadEmbedder(ModelManifest manifest, OnnxSessionFactory factory)
    {
        ModelEntry model = manifest.ForRole(ModelRole.Embedder);
        return TextEmbedder.Load(factory, manifest.PathOf(model, ".onnx"), manifest.PathOf(model, "tokenizer.json"), new TextEmbedderOptions());
    }

    /// <summary>The manifest's static embedder.</summary>
    public static StaticTextEmbedder LoadStatic(ModelManifest manifest)
    {
        ModelEntry model = manifest.ForRole(ModelRole.Static);
        return StaticTextEmbedder.Load(manifest.PathOf(model, ".safetensors"), manifest.PathOf(model, "tokenizer.json"));
    }

    /// <summary>The manifest's verifier, checked against its reference pairs.</summary>
    /// <exception cref="InvalidDataException">It gives other logits on this machine than those its thresholds rest on.</exception>
    public static SameAnswerVerifier LoadVerifier(ModelManifest manifest, OnnxSessionFactory factory)
    {
        ModelEntry model = manifest.ForRole(ModelRole.Verifier);
        SameAnswerVerifier verifier = SameAnswerVerifier.Load(
            factory, manifest.PathOf(model, ".onnx"), manifest.PathOf(model, "tokenizer.json"), manifest.PathOf(model, "config.json"));
        try
        {
            verifier.CheckAgainst(VerifierSelfCheck.Read(manifest.PathOf(model, "selfcheck.jsonl")));
            return verifier;
        }
        catch
        {
            verifier.Dispose();
            throw;
        }
    }
}
