using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>Another runner, which it does not own, behind a gate: its steps wait until a whole batch of requests is submitted. Counts copies.</summary>
internal sealed class GatedRunner(IModelRunner inner) : IModelRunner
{
    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    public int Copies { get; private set; }

    public int VocabularySize => inner.VocabularySize;

    public int ContextLength => inner.ContextLength;

    public int BlockSize => inner.BlockSize;

    public int BlockCount => inner.BlockCount;

    public int MaxBatchTokens => inner.MaxBatchTokens;

    public long BlockBytes => inner.BlockBytes;

    public string Fingerprint => inner.Fingerprint;

    public KvRetention Retention => inner.Retention;

    public bool ForgetsContext => inner.ForgetsContext;

    public int KvVariant(int totalLength) => inner.KvVariant(totalLength);

    public ReadOnlySpan<float> Run(StepBatch batch)
    {
        Gate.Wait();
        return inner.Run(batch);
    }

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens)
    {
        Copies++;
        inner.CopyBlock(sourceBlock, targetBlock, tokens);
    }

    public void ReadBlock(int block, Span<byte> bytes) => inner.ReadBlock(block, bytes);

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes) => inner.WriteBlock(block, bytes);

    public void Dispose() => Gate.Dispose();
}
