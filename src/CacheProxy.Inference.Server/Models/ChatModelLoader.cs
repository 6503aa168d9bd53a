using System.Security.Cryptography;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Templates;
using CacheProxy.Onnx.Tokenizers;

namespace CacheProxy.Inference.Server.Models;

/// <summary>Makes a served model out of a GGUF file: runner, engine, tokenizer and chat template are all the file's own.</summary>
internal static class ChatModelLoader
{
    private const int FingerprintBytes = 1 << 20;

    /// <exception cref="GgufFormatException">The file is damaged, or of a kind without code here.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ChatModel Load(string id, string path, InferenceServerOptions options)
    {
        var file = GgufFile.Open(path);
        try
        {
            var vocabulary = GgufVocabulary.Read(file);
            ITokenizer tokenizer = CreateTokenizer(path, vocabulary);
            var runner = new FileOwningRunner(OnnxModelRunner.Load(file, options.Runner), file);
            var engine = new InferenceEngine(
                runner, new TokenizerVocabulary(tokenizer, EndTokens(vocabulary)), options.Scheduling, metrics: new EngineMetrics(model: id));
            long created = new DateTimeOffset(File.GetLastWriteTimeUtc(path)).ToUnixTimeSeconds();
            return new ChatModel(id, created, engine, CreateEncoder(tokenizer, vocabulary), Fingerprint(path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static ByteLevelBpeTokenizer CreateTokenizer(string path, GgufVocabulary vocabulary)
    {
        if (vocabulary.Model != "gpt2")
        {
            throw new GgufFormatException(path, "tokenizer.ggml.model", $"is '{vocabulary.Model}'; byte-level BPE ('gpt2') is what is read here");
        }

        TokenKind[] kinds = [.. vocabulary.TokenTypes.Select(type => (TokenKind)type)];
        return new ByteLevelBpeTokenizer(new BpeVocabulary(vocabulary.Tokens, kinds, vocabulary.Merges, vocabulary.PreTokenizer));
    }

    private static HashSet<int> EndTokens(GgufVocabulary vocabulary)
        => [.. new[] { vocabulary.EndOfSequence, vocabulary.EndOfTurn }.OfType<int>()];

    private static TemplatePromptEncoder CreateEncoder(ITokenizer tokenizer, GgufVocabulary vocabulary)
    {
        string TextOf(int? token) => token is { } id ? vocabulary.Tokens[id] : "";
        ChatTemplate? template = vocabulary.ChatTemplate is { } source
            ? ChatTemplate.Parse(source, TextOf(vocabulary.BeginOfSequence), TextOf(vocabulary.EndOfSequence)) : null;
        return new TemplatePromptEncoder(tokenizer, template, vocabulary.AddBeginOfSequence == true ? vocabulary.BeginOfSequence : null);
    }

    // Enough to tell builds of one model apart without reading all of it again: its head has every tensor's name, shape and format.
    private static string Fingerprint(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] head = new byte[Math.Min(FingerprintBytes, stream.Length)];
        stream.ReadExactly(head);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(stream.Length));
        hash.AppendData(head);
        return "fp_" + Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
