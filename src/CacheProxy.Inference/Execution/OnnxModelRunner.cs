using System.Diagnostics;
using System.Numerics.Tensors;
using CacheProxy.Inference.Execution.Attention;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution;

/// <summary>
/// Runs a decoder on ONNX Runtime: token rows are looked up here, everything from the first norm to the logits is one session run,
/// attention reaches the paged pool through an operator of this runner.
/// </summary>
/// <remarks>Several runners can live side by side. One thread at a time; a step that throws leaves the runner usable.</remarks>
public sealed unsafe class OnnxModelRunner : IModelRunner
{
    private readonly IWeightMatrix _tokens;
    private readonly ModelGraph _graph;
    private readonly OperatorDomain _operators;
    private readonly InferenceSession _session;
    private readonly StepBindings _bindings;
    private readonly StepPlan _plan;
    private readonly KvPool _pool;
    private readonly RunOptions _run = new();
    private readonly Lazy<string> _fingerprint;

    private OnnxModelRunner(ICheckpoint checkpoint, ModelGraph graph, ModelRunnerOptions options)
    {
        _graph = graph;
        _tokens = checkpoint.Get("token_embd.weight");
        MaxBatchTokens = options.MaxBatchTokens;
        DecoderConfig config = graph.Config;
        CheckPool(config.ContextLength, options);
        _plan = new StepPlan(config, options.MaxBatchTokens, options.Eviction);
        _pool = new KvPool(options.BlockCount, options.KvDataType, config.Attention);
        _operators = CreateOperators(config, options.KvDataType);
        _session = ModelSession.Open(graph, options, _operators);
        _bindings = new StepBindings(_session, config, options.MaxBatchTokens);
        _fingerprint = new Lazy<string>(() => ModelFingerprint.Compute(_graph, TokenRow, $"{options.KvDataType} {BlockSize} {_plan.Eviction}"));
    }

    public int VocabularySize => _graph.Config.Vocabulary;

    public int ContextLength => _graph.Config.ContextLength;

    public int BlockSize => KvPool.BlockSize;

    public int BlockCount => _pool.BlockCount;

    public int MaxBatchTokens { get; }

    public long BlockBytes => _pool.BlockBytes;

    /// <summary>Time spent in ONNX Runtime by all steps so far; what a step takes beyond it is the engine's own.</summary>
    public TimeSpan SessionTime { get; private set; }

    public string Fingerprint => _fingerprint.Value;

    public KvRetention Retention => _plan.Retention;

    public bool ForgetsContext => _plan.Eviction is not null;

    public int KvVariant(int totalLength) => _plan.IsLong(totalLength) ? 1 : 0;

    /// <param name="checkpoint">Stays open as long as the runner: token rows are read from it.</param>
    /// <param name="options">Sizes and threads.</param>
    /// <exception cref="ModelFormatException">The model is of another architecture, incomplete, or of a format without code.</exception>
    public static OnnxModelRunner Load(ICheckpoint checkpoint, ModelRunnerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatchTokens, 1);
        ModelGraph graph = DecoderGraph.Build(checkpoint, DecoderConfigReader.Read(checkpoint));
        try
        {
            // The weights now live in the graph's own arrangement; the files' pages would only count twice.
            checkpoint.ReleasePages();
            return new OnnxModelRunner(checkpoint, graph, options);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <exception cref="ArgumentException">The batch is empty or too large, or names tokens, positions or blocks that do not exist.</exception>
    public ReadOnlySpan<float> Run(StepBatch batch)
    {
        StepCheck.Check(batch, this);
        _plan.Prepare(batch);
        WriteHidden(batch.TokenIds);
        int rows = WriteLogitRows(batch.LogitRows);
        OrtIoBinding binding = _bindings.Find(batch.TokenCount, rows);
        long start = Stopwatch.GetTimestamp();
        _session.RunWithBinding(_run, binding);
        SessionTime += Stopwatch.GetElapsedTime(start);
        return new ReadOnlySpan<float>(_bindings.Logits.Floats, batch.LogitRowCount * VocabularySize);
    }

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, BlockSize);
        _pool.Copy(sourceBlock, targetBlock);
    }

    public void ReadBlock(int block, Span<byte> bytes)
    {
        CheckBlockBytes(bytes.Length);
        _pool.Block(block).CopyTo(bytes);
    }

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes)
    {
        CheckBlockBytes(bytes.Length);
        bytes.CopyTo(_pool.Block(block));
    }

    public void Dispose()
    {
        _bindings.Dispose();
        _run.Dispose();
        _session.Dispose();
        _operators.Dispose();
        _graph.Dispose();
        _plan.Dispose();
        _pool.Dispose();
    }

    private OperatorDomain CreateOperators(DecoderConfig config, KvDataType type) => new(
        FusedOperators.Domain,
        new OperatorDefinition(FusedOperators.AddNorm, 6, 0b111110, 3, node => new AddNormKernel(Width(node), OrtKernelApi.GetSingle(node, "epsilon"u8))),
        new OperatorDefinition(FusedOperators.Attention, PagedAttentionKernel.Inputs, PagedAttentionKernel.OptionalInputs, 2, node =>
        {
            int layer = (int)OrtKernelApi.GetInteger(node, "layer"u8);
            return new PagedAttentionKernel(config.Attention[layer], config.NormEpsilon, _plan, _pool.Layer(layer), type);
        }),
        new OperatorDefinition(FusedOperators.Gated, 3, 0b110, 2, CreateGated),
        new OperatorDefinition(FusedOperators.AddOffsets, 3, 0, 1, node => new AddOffsetsKernel(Width(node))));

    private static OperatorKernel CreateGated(nint node) => (GateFunction)OrtKernelApi.GetInteger(node, "function"u8) == GateFunction.GeluTanh
        ? new GatedKernel<GeluTanhGate>(Width(node))
        : new GatedKernel<SiluGate>(Width(node));

    private static int Width(nint node) => (int)OrtKernelApi.GetInteger(node, "width"u8);

    private static void CheckPool(int contextLength, ModelRunnerOptions options)
    {
        if (options.Eviction is not { } eviction)
        {
            return;
        }

        eviction.Validate(contextLength);
        long needed = (2L * (eviction.Sinks + eviction.Window)) + options.MaxBatchTokens + (4 * KvPool.BlockSize);
        if ((long)options.BlockCount * KvPool.BlockSize < needed)
        {
            throw new ArgumentException(
                $"{eviction.Sinks} sinks and a window of {eviction.Window} tokens need a KV pool of {(needed + KvPool.BlockSize - 1) / KvPool.BlockSize} blocks; it has {options.BlockCount}.", nameof(options));
        }
    }

    private void CheckBlockBytes(int bytes)
    {
        if (bytes != BlockBytes)
        {
            throw new ArgumentException($"A block has {BlockBytes} bytes, not {bytes}.", nameof(bytes));
        }
    }

    private void TokenRow(int token, Span<float> row)
    {
        _tokens.Dequantize(token, row);
        if (_graph.Config.EmbeddingScale != 1)
        {
            TensorPrimitives.Multiply(row, _graph.Config.EmbeddingScale, row);
        }
    }

    private void WriteHidden(ReadOnlySpan<int> tokens)
    {
        int width = _graph.Config.Width;
        for (int i = 0; i < tokens.Length; i++)
        {
            TokenRow(tokens[i], new Span<float>(_bindings.Hidden.Floats + ((long)i * width), width));
        }
    }

    /// <summary>The graph wants at least one row; without any asked for it computes the first, which costs under 1 % of a prompt's step.</summary>
    private int WriteLogitRows(ReadOnlySpan<int> rows)
    {
        long* target = (long*)_bindings.LogitRows.Bytes;
        target[0] = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            target[i] = rows[i];
        }

        return Math.Max(1, rows.Length);
    }
}
