using CacheProxy.Inference.Families;
using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>Runs a decoder on a device: ids and block tables go there, logits come back, everything else stays.</summary>
/// <remarks>One thread at a time; a step that throws leaves the runner usable.</remarks>
internal sealed unsafe class DeviceModelRunner : IModelRunner
{
    private readonly IDevice _device;
    private readonly DecoderConfig _config;
    private readonly InferenceSession _session;
    private readonly DeviceKvPool _pool;
    private readonly StepInputs _inputs;
    private readonly DeviceBindings _bindings;
    private readonly NativeBuffer _logits;

    private DeviceModelRunner(IDevice device, ModelGraph graph, string fingerprint, ModelRunnerOptions options)
    {
        (_device, _config, Fingerprint, MaxBatchTokens) = (device, graph.Config, fingerprint, options.MaxBatchTokens);
        var owned = new Stack<IDisposable>();
        try
        {
            T Own<T>(T item)
                where T : IDisposable
            {
                owned.Push(item);
                return item;
            }

            AttentionShape shape = _config.Attention[0];
            int blockSize = BlockSizeFor(shape.HeadSize), elementBytes = DeviceWeights.SizeOf(device.ElementType);
            int maxBlocks = (ContextLength + blockSize - 1) / blockSize;
            _session = Own(DeviceSession.Open(graph, device));
            _inputs = Own(new StepInputs(device, MaxBatchTokens, maxBlocks, blockSize));
            _logits = Own(new NativeBuffer((long)MaxBatchTokens * VocabularySize * sizeof(float)));
            long reserved = _logits.ByteLength + options.DeviceHeadroomBytes;
            long blockBytes = 2L * _config.Layers * shape.CachedWidth * blockSize * elementBytes;
            int blocks = options.DeviceBlockCount ?? (int)Math.Min(int.MaxValue / blockSize, Math.Max(0, device.FreeBytes - reserved) / blockBytes);
            if (blocks < maxBlocks && options.DeviceBlockCount is null)
            {
                throw new InsufficientMemoryException($"{device.Name} has room for {blocks * (long)blockSize} tokens of KV, less than one sequence of {ContextLength}.");
            }

            _pool = Own(new DeviceKvPool(device, blocks, blockSize, _config.Layers, shape.KeyValueHeads, shape.HeadSize, elementBytes));
            _bindings = new DeviceBindings(_session, device, _inputs, _pool, _config.Layers, VocabularySize);
        }
        catch
        {
            while (owned.TryPop(out IDisposable? item))
            {
                item.Dispose();
            }

            throw;
        }
    }

    public int VocabularySize => _config.Vocabulary;

    public int ContextLength => _config.ContextLength;

    public int BlockSize => _pool.BlockSize;

    public int BlockCount => _pool.BlockCount;

    public int MaxBatchTokens { get; }

    public long BlockBytes => _pool.BlockBytes;

    public string Fingerprint { get; }

    /// <param name="checkpoint">Not read any more once this returns.</param>
    /// <param name="device">Becomes the runner's, also when this throws.</param>
    /// <param name="options">Sizes.</param>
    /// <exception cref="ModelFormatException">The model cannot run, here or on any device.</exception>
    /// <exception cref="InsufficientMemoryException">The device cannot hold the weights and one sequence.</exception>
    /// <exception cref="OnnxRuntimeException">The provider has no kernel for a part of the model.</exception>
    public static DeviceModelRunner Load(ICheckpoint checkpoint, IDevice device, ModelRunnerOptions options)
    {
        try
        {
            using ModelGraph graph = DecoderGraph.BuildForDevice(checkpoint, DecoderConfigReader.Read(checkpoint), device.ElementType, device.AttentionDomain);
            string fingerprint = ModelFingerprint.Compute(graph, (token, row) => checkpoint.Get("token_embd.weight").Dequantize(token, row), $"device {device.ElementType}");
            checkpoint.ReleasePages();
            return new DeviceModelRunner(device, graph, fingerprint, options);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <exception cref="ArgumentException">The batch is empty or too large, or names tokens, positions or blocks that do not exist.</exception>
    public ReadOnlySpan<float> Run(StepBatch batch)
    {
        StepCheck.Check(batch, this);
        StepShape shape = StepShape.Of(batch, BlockSize, MaxBatchTokens, ContextLength);
        _inputs.Write(batch, shape);
        DeviceBindings.Entry entry = _bindings.Find(shape);
        _session.RunWithBinding(entry.Options, entry.Binding);
        int count = batch.LogitRowCount * VocabularySize;
        _device.Download(_logits.Bytes, _bindings.Logits, (long)count * sizeof(float));
        return new ReadOnlySpan<float>(_logits.Floats, count);
    }

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, BlockSize);
        _pool.Copy(sourceBlock, targetBlock, tokens);
    }

    public void ReadBlock(int block, Span<byte> bytes) => _pool.Read(block, bytes);

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes) => _pool.Write(block, bytes);

    public void Dispose()
    {
        _bindings.Dispose();
        _session.Dispose();
        _inputs.Dispose();
        _pool.Dispose();
        _logits.Dispose();
        _device.Dispose();
    }

    /// <summary>What FlashAttention's paged kernels want: multiples of 256 tokens for heads up to 64, of 128 up to 128, of 64 beyond.</summary>
    private static int BlockSizeFor(int headSize) => headSize <= 64 ? 256 : headSize <= 128 ? 128 : 64;
}
