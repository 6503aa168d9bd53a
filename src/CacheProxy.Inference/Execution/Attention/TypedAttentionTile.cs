using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>
/// A running softmax over chunks of <see cref="AttentionMath.ChunkKeys"/> keys that start at multiples of it, so a row's sums do not
/// depend on the tile it was computed in. Blocks that no row of the tile sees are left out: they would add exactly nothing.
/// </summary>
internal sealed unsafe class TypedAttentionTile<TElement>(AttentionShape shape, StepPlan plan, KvLayer cache) : AttentionTile
    where TElement : struct, IKvElement
{
    private const int ChunkKeys = AttentionMath.ChunkKeys, Block = KvPool.BlockSize, ChunkBlocks = ChunkKeys / Block;

    private readonly int _headSize = shape.HeadSize;
    private readonly int _group = shape.QueryHeads / shape.KeyValueHeads;
    private readonly int _width = shape.QueryWidth;
    private readonly float _scale = shape.SoftCap > 0 ? 1 : shape.Scale;
    private readonly KvRetention _sight = KvRetention.Of(shape, plan.Eviction);

    public override bool WritesSums => _group * _headSize % BlockSums.Block == 0;

    /// <summary>The keys of one chunk that some row of a tile sees, and where their blocks lie.</summary>
    private ref struct Chunk
    {
        /// <summary>Position of the first key, at the start of a block.</summary>
        public int First;
        public int Count;
        public byte** Keys, Values;
        public float** KeyScales, ValueScales;

        public readonly int Blocks => (Count + Block - 1) / Block;
    }

    [SkipLocalsInit]
    public override void Run(in StepPlan.Tile tile, int head, float* attended, float* sums)
    {
        int queries = tile.Rows * _group, lastKey = tile.FirstPosition + tile.Rows - 1;
        float** query = stackalloc float*[2 * queries];
        float* scores = stackalloc float[queries * AttentionMath.ScoreStride], weighed = stackalloc float[queries * _headSize];
        float* maximum = stackalloc float[queries], total = stackalloc float[queries];
        byte** keys = stackalloc byte*[2 * ChunkBlocks];
        float** scales = stackalloc float*[2 * ChunkBlocks];
        var chunk = new Chunk { Keys = keys, Values = keys + ChunkBlocks, KeyScales = scales, ValueScales = scales + ChunkBlocks };
        new Span<float>(weighed, queries * _headSize).Clear();
        for (int i = 0; i < queries; i++)
        {
            query[i] = plan.Queries.Floats + Offset(tile.FirstRow, head, i);
            query[queries + i] = plan.Queries.Floats + Offset(plan.SinkRow(tile.FirstRow), head, i);
            (maximum[i], total[i]) = (float.NegativeInfinity, 0);
        }

        // The keys from here on and the sinks in front of them are what the tile's rows see.
        int window = _sight.FirstToken(tile.FirstPosition) & -Block;
        for (int first = _sight.Sinks > 0 ? 0 : window & -ChunkKeys; first <= lastKey;)
        {
            int end = Math.Min(first + ChunkKeys, lastKey + 1);
            chunk.First = first >= _sight.Sinks ? Math.Max(first, window) : first;
            chunk.Count = (end > window ? end : Math.Min(end, _sight.Sinks)) - chunk.First;
            FindBlocks(tile.BlockTable, head, window, chunk);
            Prefetch(chunk);
            ScoreChunk(query, queries, chunk, scores);
            for (int i = 0; i < queries; i++)
            {
                WeighRow(tile.FirstPosition + (i / _group), chunk, scores + (i * AttentionMath.ScoreStride), ref maximum[i], ref total[i], weighed + (i * _headSize));
            }

            AddChunk(scores, queries, chunk, weighed);
            first += ChunkKeys;
            first = first >= _sight.Sinks ? Math.Max(first, window & -ChunkKeys) : first;
        }

        for (int i = 0; i < queries; i++)
        {
            WriteRow(weighed + (i * _headSize), 1 / total[i], attended + Offset(tile.FirstRow, head, i));
        }

        if (WritesSums)
        {
            WriteSums(tile, head, attended, sums);
        }
    }

    /// <summary>Floats from the first row's first query head to query <paramref name="i"/> of a tile: row i / group, head i % group of its key head.</summary>
    private long Offset(int firstRow, int head, int i) => ((long)(firstRow + (i / _group)) * _width) + (((head * _group) + (i % _group)) * _headSize);

    private void FindBlocks(int[] table, int head, int window, in Chunk chunk)
    {
        int firstBlock = chunk.First / Block;
        for (int b = 0; b < chunk.Blocks; b++)
        {
            // What lies between sinks and window may have been given away: a block of the sinks stands in, which weighs nothing there.
            int position = chunk.First + (b * Block);
            int block = table[position >= _sight.Sinks && position < window ? firstBlock : firstBlock + b];
            chunk.Keys[b] = cache.Keys(block, head);
            chunk.Values[b] = cache.Values(block, head);
            if (TElement.HasScales)
            {
                chunk.KeyScales[b] = cache.KeyScales(block, head);
                chunk.ValueScales[b] = cache.ValueScales(block, head);
            }
        }
    }

    /// <summary>
    /// Asks for a chunk's values while its keys are still being scored. A head's part of a block fills a page of its own, where the
    /// processor's own prefetching starts anew each time.
    /// </summary>
    private void Prefetch(in Chunk chunk)
    {
        const int cacheLine = 64;
        for (int b = 0; Sse.IsSupported && b < chunk.Blocks; b++)
        {
            for (int i = 0; i < _headSize * Block * TElement.Bytes; i += cacheLine)
            {
                Sse.Prefetch0(chunk.Values[b] + i);
            }
        }
    }

    private void ScoreChunk(float** query, int queries, in Chunk chunk, float* scores)
    {
        int blocks = chunk.Blocks, sinks = Math.Clamp((_sight.Sinks - chunk.First) / Block, 0, blocks);
        if (sinks > 0)
        {
            ScoreBlocks(query + queries, queries, chunk, 0, sinks, scores);
        }

        ScoreBlocks(query, queries, chunk, sinks, blocks, scores);
    }

    private void ScoreBlocks(float** query, int queries, in Chunk chunk, int from, int to, float* scores)
    {
        for (int b = from; b < to; b += 2)
        {
            // A block without partner is scored twice; the second result is written over, or lies behind the chunk.
            int partner = b + 1 < to ? b + 1 : b;
            byte* keys = chunk.Keys[b], others = chunk.Keys[partner];
            float* scales = chunk.KeyScales[b], otherScales = chunk.KeyScales[partner];
            float* target = scores + (b * Block);
            int i = 0;
            for (; i + 6 <= queries; i += 6)
            {
                AttentionMath.Score<SixRows, TElement>(query + i, keys, others, scales, otherScales, _headSize, target + (i * AttentionMath.ScoreStride));
            }

            for (; i + 4 <= queries; i += 4)
            {
                AttentionMath.Score<FourRows, TElement>(query + i, keys, others, scales, otherScales, _headSize, target + (i * AttentionMath.ScoreStride));
            }

            for (; i + 3 <= queries; i += 3)
            {
                AttentionMath.Score<ThreeRows, TElement>(query + i, keys, others, scales, otherScales, _headSize, target + (i * AttentionMath.ScoreStride));
            }

            for (; i < queries; i++)
            {
                AttentionMath.Score<OneRow, TElement>(query + i, keys, others, scales, otherScales, _headSize, target + (i * AttentionMath.ScoreStride));
            }
        }
    }

    private void WeighRow(int position, in Chunk chunk, float* scores, ref float maximum, ref float total, float* weighed)
    {
        int padded = chunk.Blocks * Block, visible = position + 1 - chunk.First;
        int hiddenFrom = Math.Max(0, _sight.Sinks - chunk.First), hiddenTo = Math.Min(_sight.FirstToken(position) - chunk.First, chunk.Count);
        if (hiddenFrom == 0 && hiddenTo == chunk.Count)
        {
            // Another row of the tile looks further back. Without a key of its own this row has no maximum yet to weigh against.
            new Span<float>(scores, padded).Clear();
            return;
        }

        if (shape.SoftCap > 0)
        {
            AttentionMath.Cap(scores, padded, shape.Scale, shape.SoftCap);
        }

        AttentionMath.Hide(scores, hiddenFrom, hiddenTo);
        AttentionMath.Weigh(scores, padded, visible, _scale, ref maximum, ref total, weighed, _headSize);
        if (TElement.HasScales)
        {
            AttentionMath.ScaleWeights(scores, padded, chunk.ValueScales);
        }
    }

    private void AddChunk(float* weights, int queries, in Chunk chunk, float* weighed)
    {
        byte** shifted = stackalloc byte*[ChunkBlocks];
        for (int column = 0; column < _headSize;)
        {
            int width = _headSize - column >= 64 ? 64 : 16;
            Shift(chunk, column, shifted);
            int i = 0;
            for (; width == 64 && i + 3 <= queries; i += 3)
            {
                AttentionMath.AddThree<TElement>(weights + (i * AttentionMath.ScoreStride), shifted, chunk.Count, _headSize, weighed + (i * _headSize) + column);
            }

            for (; i < queries; i++)
            {
                for (int part = 0; part < width; part += 16)
                {
                    Shift(chunk, column + part, shifted);
                    AttentionMath.AddOne<TElement>(weights + (i * AttentionMath.ScoreStride), shifted, chunk.Count, _headSize, weighed + (i * _headSize) + column + part);
                }
            }

            column += width;
        }
    }

    private static void Shift(in Chunk chunk, int column, byte** shifted)
    {
        for (int b = 0; b < chunk.Blocks; b++)
        {
            shifted[b] = chunk.Values[b] + (column * TElement.Bytes);
        }
    }

    private void WriteRow(float* weighed, float factor, float* target)
    {
        for (int i = 0; i < _headSize; i += 16)
        {
            (Vector512.Load(weighed + i) * factor).Store(target + i);
        }
    }

    private void WriteSums(in StepPlan.Tile tile, int head, float* attended, float* sums)
    {
        int width = _group * _headSize;
        for (int row = tile.FirstRow; row < tile.FirstRow + tile.Rows; row++)
        {
            long at = ((long)row * _width) + (head * width);
            BlockSums.Write(attended + at, width, sums + (((long)row * (_width / BlockSums.Block)) + (head * width / BlockSums.Block)));
        }
    }
}
