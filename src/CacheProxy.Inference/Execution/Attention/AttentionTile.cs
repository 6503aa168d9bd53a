using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Attention;

/// <summary>
/// Attention of a few neighbouring rows of one sequence and one key head: a running softmax over chunks of <see cref="AttentionMath.ChunkKeys"/>
/// keys that start at multiples of it, so a row's sums do not depend on the tile it was computed in.
/// </summary>
internal sealed unsafe class AttentionTile(AttentionShape shape, StepPlan plan, KvPool pool, int layer)
{
    private const int ChunkKeys = AttentionMath.ChunkKeys, ChunkBlocks = ChunkKeys / KvPool.BlockSize;

    private readonly int _headSize = shape.HeadSize;
    private readonly int _group = shape.QueryHeads / shape.KeyValueHeads;
    private readonly int _width = shape.QueryHeads * shape.HeadSize;
    private readonly float _scale = shape.Scale;

    /// <summary>Whether no block of 32 spans two key heads, so that a tile can sum its own; if not, the sums are left to the caller.</summary>
    public bool WritesSums => _group * _headSize % BlockSums.Block == 0;

    /// <param name="attended">[tokens, query heads * head size].</param>
    /// <param name="sums">[tokens, query heads * head size / 32].</param>
    [SkipLocalsInit]
    public void Run(in StepPlan.Tile tile, int head, float* attended, float* sums)
    {
        int queries = tile.Rows * _group, lastKey = tile.FirstPosition + tile.Rows - 1;
        float** query = stackalloc float*[queries];
        float* scores = stackalloc float[queries * ChunkKeys], weighed = stackalloc float[queries * _headSize];
        float* maximum = stackalloc float[queries], total = stackalloc float[queries];
        float** keys = stackalloc float*[ChunkBlocks], values = stackalloc float*[ChunkBlocks];
        new Span<float>(weighed, queries * _headSize).Clear();
        for (int i = 0; i < queries; i++)
        {
            query[i] = plan.Queries.Floats + Offset(tile, head, i);
            (maximum[i], total[i]) = (float.NegativeInfinity, 0);
        }

        for (int first = 0; first <= lastKey; first += ChunkKeys)
        {
            int count = Math.Min(ChunkKeys, lastKey + 1 - first);
            FindBlocks(tile.BlockTable, first, count, head, keys, values);
            Prefetch(values, count);
            ScoreChunk(query, queries, keys, count, scores);
            int padded = (count + KvPool.BlockSize - 1) & -KvPool.BlockSize;
            for (int i = 0; i < queries; i++)
            {
                int visible = tile.FirstPosition + (i / _group) + 1 - first;
                AttentionMath.Weigh(scores + (i * ChunkKeys), padded, visible, _scale, ref maximum[i], ref total[i], weighed + (i * _headSize), _headSize);
            }

            AddChunk(scores, queries, values, count, weighed);
        }

        for (int i = 0; i < queries; i++)
        {
            WriteRow(weighed + (i * _headSize), 1 / total[i], attended + Offset(tile, head, i));
        }

        if (WritesSums)
        {
            WriteSums(tile, head, attended, sums);
        }
    }

    /// <summary>Floats from the first row's first query head to query <paramref name="i"/> of a tile: row i / group, head i % group of its key head.</summary>
    private long Offset(in StepPlan.Tile tile, int head, int i) => ((long)(tile.FirstRow + (i / _group)) * _width) + (((head * _group) + (i % _group)) * _headSize);

    private void FindBlocks(int[] table, int first, int count, int head, float** keys, float** values)
    {
        for (int b = 0; b * KvPool.BlockSize < count; b++)
        {
            int block = table[(first / KvPool.BlockSize) + b];
            keys[b] = pool.Keys(layer, block, head);
            values[b] = pool.Values(layer, block, head);
        }
    }

    /// <summary>
    /// Asks for a chunk's values while its keys are still being scored. A head's part of a block fills a page of its own, where the
    /// processor's own prefetching starts anew each time.
    /// </summary>
    private void Prefetch(float** blocks, int count)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        for (int b = 0; b * KvPool.BlockSize < count; b++)
        {
            for (int i = 0; i < _headSize * KvPool.BlockSize; i += 16)
            {
                Sse.Prefetch0(blocks[b] + i);
            }
        }
    }

    private void ScoreChunk(float** query, int queries, float** keys, int count, float* scores)
    {
        for (int b = 0; b * KvPool.BlockSize < count; b += 2)
        {
            // A block without partner is scored twice; the second result lies behind the keys that are read.
            float* second = (b + 1) * KvPool.BlockSize < count ? keys[b + 1] : keys[b];
            float* target = scores + (b * KvPool.BlockSize);
            int i = 0;
            for (; i + 6 <= queries; i += 6)
            {
                AttentionMath.Score<SixRows>(query + i, keys[b], second, _headSize, target + (i * ChunkKeys));
            }

            for (; i + 4 <= queries; i += 4)
            {
                AttentionMath.Score<FourRows>(query + i, keys[b], second, _headSize, target + (i * ChunkKeys));
            }

            for (; i + 3 <= queries; i += 3)
            {
                AttentionMath.Score<ThreeRows>(query + i, keys[b], second, _headSize, target + (i * ChunkKeys));
            }

            for (; i < queries; i++)
            {
                AttentionMath.Score<OneRow>(query + i, keys[b], second, _headSize, target + (i * ChunkKeys));
            }
        }
    }

    private void AddChunk(float* weights, int queries, float** values, int count, float* weighed)
    {
        float** shifted = stackalloc float*[ChunkBlocks];
        for (int column = 0; column < _headSize;)
        {
            int width = _headSize - column >= 64 ? 64 : 16;
            for (int b = 0; b * KvPool.BlockSize < count; b++)
            {
                shifted[b] = values[b] + column;
            }

            int i = 0;
            for (; width == 64 && i + 3 <= queries; i += 3)
            {
                AttentionMath.AddThree(weights + (i * ChunkKeys), shifted, count, _headSize, weighed + (i * _headSize) + column);
            }

            for (; i < queries; i++)
            {
                for (int part = 0; part < width; part += 16)
                {
                    for (int b = 0; b * KvPool.BlockSize < count; b++)
                    {
                        shifted[b] = values[b] + column + part;
                    }

                    AttentionMath.AddOne(weights + (i * ChunkKeys), shifted, count, _headSize, weighed + (i * _headSize) + column + part);
                }
            }

            column += width;
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
