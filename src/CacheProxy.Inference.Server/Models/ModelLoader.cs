using System.Diagnostics.Metrics;
using CacheProxy.Onnx.Encoders;
using CacheProxy.Onnx.Models;
using CacheProxy.Onnx.Sessions;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Loads what the options name: the manifest's chat model and embedder, or a model of the caller's beside the embedder.</summary>
internal static class ModelLoader
{
    /// <exception cref="ModelFileException">A file is missing or damaged; the message names it and the sha256 expected.</exception>
    public static ModelCatalog Load(InferenceServerOptions options, ILoggerFactory loggers, IMeterFactory meters)
    {
        ModelManifest? manifest = LoadManifest(options);
        if (options.VerifyModels)
        {
            manifest?.Verify();
        }

        var models = new List<ServedModel>();
        if (options.ModelPath is { } path)
        {
            models.Add(ChatModelLoader.Load(options.ModelName ?? NameOf(path), path, options, loggers, meters));
        }
        else
        {
            ModelEntry chat = manifest!.ForRole(ModelRole.Chat);
            models.Add(ChatModelLoader.Load(chat.Name, manifest.PathOf(chat, ".gguf"), options, loggers, meters));
        }

        if (manifest?.Models.FirstOrDefault(model => model.Role == ModelRole.Embedder) is { } embedder)
        {
            models.Add(LoadEmbedder(manifest, embedder));
        }

        return new ModelCatalog(models);
    }

    // A folder's dots are its name's, such as a version.
    private static string NameOf(string path) => Directory.Exists(path) ? new DirectoryInfo(path).Name : Path.GetFileNameWithoutExtension(path);

    // A model of one's own is served without the bundled ones where those are not there.
    private static ModelManifest? LoadManifest(InferenceServerOptions options)
        => options.ModelPath is not null && !Directory.Exists(options.ModelsFolder) ? null : ModelManifest.Load(options.ModelsFolder);

    private static EmbeddingModel LoadEmbedder(ModelManifest manifest, ModelEntry entry)
    {
        long created = new DateTimeOffset(File.GetLastWriteTimeUtc(manifest.PathOf(entry, ".onnx"))).ToUnixTimeSeconds();
        return new EmbeddingModel(entry.Name, created, new TextEmbedderModel(BundledEncoders.LoadEmbedder(manifest, new OnnxSessionFactory(new OnnxSessionSettings()))));
    }
}
