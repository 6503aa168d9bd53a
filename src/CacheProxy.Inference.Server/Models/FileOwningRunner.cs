using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Server.Models;

/// <summary>A runner and the mapped file that it reads token rows from: the file may only go when the engine has let go of the runner.</summary>
internal sealed class FileOwningRunner(OnnxModelRunner runner, GgufFile file) : IModelRunner
{
    public int VocabularySize => runner.VocabularySize;

    public int ContextLength => runner.ContextLength;

    public int BlockSize => runner.BlockSize;

    public int BlockCount => runner.BlockCount;

    public int MaxBatchTokens => runner.MaxBatchTokens;

    public ReadOnlySpan<float> Run(StepBatch batch) => runner.Run(batch);

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens) => runner.CopyBlock(sourceBlock, targetBlock, tokens);

    public void Dispose()
    {
        runner.Dispose();
        file.Dispose();
    }
}
