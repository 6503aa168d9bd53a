using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.TestKit;

/// <summary>Hands every call to another runner: the base of those that watch or hold up one of them.</summary>
public abstract class DelegatingModelRunner(IModelRunner inner) : IModelRunner
{
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

    public virtual ReadOnlySpan<float> Run(StepBatch batch) => inner.Run(batch);

    public virtual void CopyBlock(int sourceBlock, int targetBlock, int tokens) => inner.CopyBlock(sourceBlock, targetBlock, tokens);

    public void ReadBlock(int block, Span<byte> bytes) => inner.ReadBlock(block, bytes);

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes) => inner.WriteBlock(block, bytes);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the inner runner; a watcher that does not own it leaves that out.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
    }
}
