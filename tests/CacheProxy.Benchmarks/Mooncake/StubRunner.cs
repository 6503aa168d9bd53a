using System.Buffers.Binary;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Benchmarks.Mooncake;

/// <summary>A model that computes nothing: blocks of one token and eight bytes, logits that are all the same.</summary>
internal sealed class StubRunner(int blocks) : IModelRunner
{
    /// <summary>Above the highest block id of the trace.</summary>
    public const int Vocabulary = 1 << 18;

    private readonly long[] _kv = new long[blocks];
    private readonly float[] _logits = new float[Vocabulary];

    /// <summary>What a block of the disk tier takes: a slot and a record.</summary>
    public static long DiskBytesPerBlock => DiskFiles.BytesPerBlock(sizeof(long), 1);

    public int VocabularySize => Vocabulary;

    public int ContextLength => 1000;

    public int BlockSize => 1;

    public int BlockCount => blocks;

    public int MaxBatchTokens => 512;

    public long BlockBytes => sizeof(long);

    public string Fingerprint => "stub";

    public ReadOnlySpan<float> Run(StepBatch batch) => _logits.AsSpan(0, batch.LogitRowCount * Vocabulary);

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens) => _kv[targetBlock] = _kv[sourceBlock];

    public void ReadBlock(int block, Span<byte> bytes) => BinaryPrimitives.WriteInt64LittleEndian(bytes, _kv[block]);

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes) => _kv[block] = BinaryPrimitives.ReadInt64LittleEndian(bytes);

    public void Dispose()
    {
    }
}
