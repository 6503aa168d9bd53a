using System.Collections.Concurrent;
using System.Security.Cryptography;
using CacheProxy.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CacheProxy.Onnx.Encoders;

/// <summary>A BERT encoder and a pool of workspaces, one per run under way. Thread-safe.</summary>
internal sealed class EncoderSession : IDisposable
{
    public const string IdsInput = "input_ids";
    public const string MaskInput = "attention_mask";
    public const string TypesInput = "token_type_ids";

    private readonly ConcurrentBag<EncoderWorkspace> _free = [];
    private readonly string _outputName;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private int _freeCount;

    private EncoderSession(InferenceSession session, string outputName, byte[] digest)
    {
        _session = session;
        _outputName = outputName;
        Digest = digest;
        int[] shape = session.OutputMetadata[outputName].Dimensions;
        OutputPerCell = shape.Length == 3 ? shape[2] : 0;
    }

    /// <summary>Width of the output per token, or 0 when there is one number per row.</summary>
    public int OutputPerCell { get; }

    /// <summary>sha256 over the sha256s of model and tokenizer file.</summary>
    public byte[] Digest { get; }

    /// <summary>Whether the model takes <c>token_type_ids</c>; DistilBERT and its like do not.</summary>
    public bool TakesTypes => _session.InputMetadata.ContainsKey(TypesInput);

    /// <param name="tokenizerPath">Part of what the encoder is.</param>
    /// <param name="outputs">Names of the output, the first that the model has is taken.</param>
    /// <exception cref="InvalidDataException">The model does not take BERT's inputs, or lacks the output.</exception>
    public static EncoderSession Load(OnnxSessionFactory factory, string modelPath, string tokenizerPath, params ReadOnlySpan<string> outputs)
    {
        byte[] digest = SHA256.HashData([.. HashFile(modelPath), .. HashFile(tokenizerPath)]);
        InferenceSession session = factory.Load(modelPath);
        string? output = null;
        foreach (string wanted in outputs)
        {
            output ??= session.OutputMetadata.ContainsKey(wanted) ? wanted : null;
        }

        string[] missing = [.. new[] { IdsInput, MaskInput }.Except(session.InputMetadata.Keys), .. output is null ? outputs[..1].ToArray() : []];
        string[] unknown = [.. session.InputMetadata.Keys.Except([IdsInput, MaskInput, TypesInput])];
        if (missing.Length > 0 || unknown.Length > 0 || session.OutputMetadata[output!].ElementDataType != TensorElementType.Float)
        {
            string found = string.Join(", ", session.OutputMetadata.Select(pair => $"{pair.Key} {pair.Value.ElementDataType}"));
            session.Dispose();
            throw new InvalidDataException(
                $"{modelPath} is not an encoder as needed here: missing {Listed(missing)}; inputs that nothing is known for {Listed(unknown)}; its outputs are {found}, a Float one is needed.");
        }

        return new EncoderSession(session, output!, digest);
    }

    public RunOptions RunOptions => _runOptions;

    public EncoderWorkspace Rent()
    {
        if (_free.TryTake(out EncoderWorkspace? workspace))
        {
            Interlocked.Decrement(ref _freeCount);
            return workspace;
        }

        return new EncoderWorkspace(_session, _outputName, OutputPerCell, TakesTypes);
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

    private static string Listed(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names);

    private static byte[] HashFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return SHA256.HashData(stream);
    }
}
