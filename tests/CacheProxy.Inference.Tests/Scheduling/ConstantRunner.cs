using CacheProxy.Inference.Execution;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>Says one token for ever and allocates nothing.</summary>
internal sealed class ConstantRunner(int blockCount, int maxBatchTokens, int token = ByteVocabulary.EndOfTurn) : IModelRunner
{
    private readonly float[] _logits = CreateLogits(maxBatchTokens, token);

    public int VocabularySize => 257;

    public int ContextLength => 100_000;

    public int BlockSize => 16;

    public int BlockCount => blockCount;

    public int MaxBatchTokens => maxBatchTokens;

    public long BlockBytes => 0;

    public string Fingerprint => nameof(ConstantRunner);

    public ReadOnlySpan<float> Run(StepBatch batch) => _logits.AsSpan(0, batch.LogitRowCount * VocabularySize);

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens) { }

    public void ReadBlock(int block, Span<byte> bytes) { }

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes) { }

    public void Dispose() { }

    private static float[] CreateLogits(int rows, int token)
    {
        var logits = new float[rows * 257];
        for (int row = 0; row < rows; row++)
        {
            logits[(row * 257) + token] = 1;
        }

        return logits;
    }
}
