using System.Collections.Concurrent;
using System.Security.Cryptography;
using CacheProxy.Onnx.Sessions;
using CacheProxy.Onnx.Tokenizers;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Onnx.Encoders;

/// <summary>A BERT encoder with its tokenizer and a pool of workspaces, one per run under way. Thread-safe.</summary>
internal sealed class EncoderSession : IDisposable
{
    private readonly ConcurrentBag<EncoderWorkspace> _free = [];
    private readonly string _outputName;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private int _freeCount;

    private EncoderSession(InferenceSession session, WordPieceTokenizer tokenizer, string outputName, byte[] digest)
    {
        _session = session;
        _outputName = outputName;
        Tokenizer = tokenizer;
        Digest = digest;
        int[] shape = session.OutputMetadata[outputName].Dimensions;
        OutputPerCell = shape.Length == 3 ? shape[2] : 0;
    }

    public WordPieceTokenizer Tokenizer { get; }

    /// <summary>Width of the output per token, or 0 when there is one number per row.</summary>
    public int OutputPerCell { get; }

    /// <summary>sha256 over the sha256s of model and tokenizer file.</summary>
    public byte[] Digest { get; }

    /// <exception cref="InvalidDataException">The model does not take the three BERT inputs, or lacks the output.</exception>
    public static EncoderSession Load(OnnxSessionFactory factory, string modelPath, string tokenizerPath, string outputName)
    {
        WordPieceTokenizer tokenizer = WordPieceTokenizer.Load(tokenizerPath);
        byte[] digest = SHA256.HashData([.. HashFile(modelPath), .. HashFile(tokenizerPath)]);
        InferenceSession session = factory.Load(modelPath);
        string[] missing = [.. new[] { "input_ids", "attention_mask", "token_type_ids" }.Except(session.InputMetadata.Keys), .. new[] { outputName }.Except(session.OutputMetadata.Keys)];
        if (missing.Length > 0 || session.InputMetadata.Count != 3)
        {
            session.Dispose();
            throw new InvalidDataException($"{modelPath} is not an encoder as needed here: missing {string.Join(", ", missing)}.");
        }

        return new EncoderSession(session, tokenizer, outputName, digest);
    }

    public RunOptions RunOptions => _runOptions;

    public EncoderWorkspace Rent()
    {
        if (_free.TryTake(out EncoderWorkspace? workspace))
        {
            Interlocked.Decrement(ref _freeCount);
            return workspace;
        }

        return new EncoderWorkspace(_session, _outputName, OutputPerCell);
    }

    public void Return(EncoderWorkspace workspace)
    {
        if (Interlocked.Increment(ref _freeCount) <= Environment.ProcessorCount * 2)
        {
            _free.Add(workspace);
            return;
        }

        Interlocked.Decrement(ref _freeCount);
        workspace.Dispose();
    }

    public void Dispose()
    {
        while (_free.TryTake(out EncoderWorkspace? workspace))
        {
            workspace.Dispose();
        }

        _runOptions.Dispose();
        _session.Dispose();
    }

    private static byte[] HashFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return SHA256.HashData(stream);
    }
}
