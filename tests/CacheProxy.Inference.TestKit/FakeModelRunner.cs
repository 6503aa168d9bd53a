using System.Runtime.InteropServices;
using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.TestKit;

/// <summary>
/// A model without weights: a token's "KV" is the token and its position, a row's logits are a pseudo-random function of
/// every KV entry that its block table leads to. One wrong, stale or missing block therefore changes the answer, and an
/// entry with another position than expected fails the run.
/// </summary>
public class FakeModelRunner : IModelRunner
{
    private const long Never = -1;

    private const int VariantShift = 24;

    private readonly long[] _kv;
    private readonly List<int[]> _steps = [];
    private float[] _logits = [];

    public FakeModelRunner(int blockCount = 64, int blockSize = 4, int contextLength = 200, int maxBatchTokens = 32, int vocabularySize = 260)
    {
        (BlockCount, BlockSize, ContextLength, MaxBatchTokens, VocabularySize) = (blockCount, blockSize, contextLength, maxBatchTokens, vocabularySize);
        _kv = new long[blockCount * blockSize];
        Array.Fill(_kv, Never);
    }

    public int VocabularySize { get; }

    public int ContextLength { get; }

    public int BlockSize { get; }

    public int BlockCount { get; }

    public int MaxBatchTokens { get; }

    public long BlockBytes => BlockSize * sizeof(long);

    public string Fingerprint { get; set; } = nameof(FakeModelRunner);

    /// <summary>What rows depend on; the rest may be missing from their block tables.</summary>
    public KvRetention Retention { get; set; }

    public bool ForgetsContext => Retention.IsBounded;

    /// <summary>Sequences that can get longer than this have KV of their own.</summary>
    public int VariantLength { get; set; } = int.MaxValue;

    public bool IsDisposed { get; private set; }

    /// <summary>Called before each run with its number; may throw or wait.</summary>
    public Action<int>? BeforeRun { get; set; }

    /// <summary>Called before each copy; may throw.</summary>
    public Action? BeforeCopy { get; set; }

    /// <summary>Changes a row's logits: (token ids so far, logits).</summary>
    public Action<ReadOnlySpan<int>, Span<float>>? Shape { get; set; }

    /// <summary>For each run the lengths of its sequences.</summary>
    public IReadOnlyList<int[]> Steps => _steps;

    public int Copies { get; private set; }

    public ReadOnlySpan<float> Run(StepBatch batch)
    {
        int number = _steps.Count;
        _steps.Add([.. batch.Sequences.ToArray().Select(slice => slice.Length)]);
        BeforeRun?.Invoke(number);
        if (batch.TokenCount > MaxBatchTokens || batch.TokenCount == 0)
        {
            throw new InvalidOperationException($"{batch.TokenCount} tokens in a batch of at most {MaxBatchTokens}.");
        }

        foreach (SequenceSlice slice in batch.Sequences)
        {
            for (int i = 0; i < slice.Length; i++)
            {
                _kv[Slot(slice, slice.Start + i)] = Entry(batch.TokenIds[slice.FirstRow + i], slice.Start + i, KvVariant(slice.TotalLength));
            }
        }

        _logits = new float[batch.LogitRowCount * VocabularySize];
        for (int row = 0; row < batch.LogitRowCount; row++)
        {
            FillRow(batch, batch.LogitRows[row], _logits.AsSpan(row * VocabularySize, VocabularySize));
        }

        return _logits;
    }

    public void CopyBlock(int sourceBlock, int targetBlock, int tokens)
    {
        BeforeCopy?.Invoke();
        Copies++;
        Array.Copy(_kv, sourceBlock * BlockSize, _kv, targetBlock * BlockSize, tokens);
    }

    public int KvVariant(int totalLength) => totalLength > VariantLength ? 1 : 0;

    public void ReadBlock(int block, Span<byte> bytes)
    {
        CheckLength(bytes.Length);
        MemoryMarshal.AsBytes(_kv.AsSpan(block * BlockSize, BlockSize)).CopyTo(bytes);
    }

    public void WriteBlock(int block, ReadOnlySpan<byte> bytes)
    {
        CheckLength(bytes.Length);
        bytes.CopyTo(MemoryMarshal.AsBytes(_kv.AsSpan(block * BlockSize, BlockSize)));
    }

    /// <summary>What the model answers greedily when nothing is cached, batched or cut: the truth to compare with.</summary>
    public static int[] GreedyAnswer(
        ReadOnlySpan<int> prompt, int tokens, int vocabularySize = 257, int? end = ByteVocabulary.EndOfTurn, KvRetention retention = default)
    {
        var all = new List<int>(prompt.ToArray());
        var logits = new float[vocabularySize];
        while (all.Count - prompt.Length < tokens)
        {
            FillLogits(HashOf(all.Where((_, position) => IsRead(retention, position, all.Count))), logits);
            all.Add(Array.IndexOf(logits, logits.Max()));
            if (all[^1] == end)
            {
                break;
            }
        }

        return [.. all.Skip(prompt.Length)];
    }

    public void Dispose()
    {
        IsDisposed = true;
        GC.SuppressFinalize(this);
    }

    private void CheckLength(int bytes)
    {
        if (bytes != BlockBytes)
        {
            throw new ArgumentException($"A block has {BlockBytes} bytes, not {bytes}.", nameof(bytes));
        }
    }

    private static long Entry(int token, int position, int variant) => ((long)position << 32) | (uint)(token | (variant << VariantShift));

    private int Slot(SequenceSlice slice, int position) => (slice.BlockTable[position / BlockSize] * BlockSize) + (position % BlockSize);

    private void FillRow(StepBatch batch, int packedRow, Span<float> logits)
    {
        foreach (SequenceSlice slice in batch.Sequences)
        {
            if (packedRow < slice.FirstRow || packedRow >= slice.FirstRow + slice.Length)
            {
                continue;
            }

            int count = slice.Start + packedRow - slice.FirstRow + 1;
            var tokens = new List<int>(count);
            for (int position = 0; position < count; position++)
            {
                if (!IsRead(Retention, position, count))
                {
                    continue;
                }

                long entry = _kv[Slot(slice, position)];
                if (entry >> 32 != position)
                {
                    throw new InvalidOperationException($"The KV at position {position} belongs to position {entry >> 32}.");
                }

                if (((int)entry >> VariantShift) != KvVariant(slice.TotalLength))
                {
                    throw new InvalidOperationException($"The KV at position {position} is of another variant.");
                }

                tokens.Add((int)entry & ((1 << VariantShift) - 1));
            }

            FillLogits(HashOf(tokens), logits);
            Shape?.Invoke(CollectionsMarshal.AsSpan(tokens), logits);
        }
    }

    private static bool IsRead(KvRetention retention, int position, int count) =>
        position < retention.Sinks || position >= retention.FirstToken(count - 1);

    private static ulong HashOf(IEnumerable<int> tokens) =>
        tokens.Aggregate(0xCBF29CE484222325, (hash, token) => unchecked((hash ^ (uint)token) * 0x100000001B3));

    private static void FillLogits(ulong hash, Span<float> logits)
    {
        for (int token = 0; token < logits.Length; token++)
        {
            ulong bits = unchecked((hash + (ulong)token) * 0x9E3779B97F4A7C15);
            bits = unchecked((bits ^ (bits >> 29)) * 0xBF58476D1CE4E5B9);
            logits[token] = ((bits >> 40) / (float)(1 << 24) * 8f) - 4f;
        }
    }
}
