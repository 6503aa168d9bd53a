using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Makes a served model out of a GGUF file or a model folder.</summary>
internal static partial class ChatModelLoader
{
    private const int FingerprintBytes = 1 << 20;

    /// <exception cref="ModelFormatException">A file is missing or damaged, or of a kind without code here.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ChatModel Load(string id, string path, InferenceServerOptions options, ILoggerFactory loggers, IMeterFactory meters)
    {
        long created = new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds();
        string fingerprint = Fingerprint(path);
        var settings = new LanguageModelOptions { Runner = options.Runner, Scheduling = options.Scheduling, Cache = options.Cache };
        var model = LanguageModel.Load(path, settings, metrics: new EngineMetrics(meters, id), logger: loggers.CreateLogger<InferenceEngine>());
        if (model.Engine.IsLimitedByPool)
        {
            Log.LimitedByPool(loggers.CreateLogger(nameof(ChatModelLoader)), id, model.MaxSequenceTokens);
        }

        return new ChatModel(id, created, model.Engine, new ModelPromptEncoder(model), fingerprint, model)
        {
            DefaultMaxTokens = options.DefaultMaxTokens > 0 ? options.DefaultMaxTokens : null,
        };
    }

    /// <summary>Enough to tell builds of one model apart without reading all of it again: the heads have every tensor's name, shape and format.</summary>
    private static string Fingerprint(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in FilesOf(path))
        {
            using FileStream stream = File.OpenRead(file);
            byte[] head = new byte[Math.Min(FingerprintBytes, stream.Length)];
            stream.ReadExactly(head);
            hash.AppendData(BitConverter.GetBytes(stream.Length));
            hash.AppendData(head);
        }

        return "fp_" + Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    /// <summary>The file itself, or of a model folder all that changes its answers.</summary>
    private static IEnumerable<string> FilesOf(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".safetensors" or ".json" or ".jinja").Order(StringComparer.Ordinal)
        : [path];

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Warning, "{Model} takes {Tokens} tokens of prompt and answer together, fewer than its context: the KV pool holds no more", EventName = "LimitedByPool")]
        public static partial void LimitedByPool(ILogger logger, string model, int tokens);
    }
}
