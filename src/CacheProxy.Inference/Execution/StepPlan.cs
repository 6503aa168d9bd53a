using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution;

/// <summary>What attention must know about the step that runs: whose tokens the rows are, where they stand, how they are cut into tiles.</summary>
/// <remarks>Filled before each step by the engine thread, read by the operators' tiles during it.</remarks>
internal sealed unsafe class StepPlan : IDisposable
{
    private readonly DecoderConfig _config;
    private readonly AttentionShape _shape;
    private readonly NativeBuffer _rotation;
    private readonly SequenceSlice[] _sequenceOfRow;
    private readonly Tile[] _tiles;

    public StepPlan(DecoderConfig config, int maxTokens)
    {
        _config = config;
        AttentionShape shape = _shape = config.Attention[0];
        _rotation = new NativeBuffer(2L * maxTokens * shape.HeadSize * sizeof(float));
        _sequenceOfRow = new SequenceSlice[maxTokens];
        _tiles = new Tile[maxTokens];
        Queries = new NativeBuffer((long)maxTokens * shape.QueryWidth * sizeof(float));
        MaxTileRows = Math.Max(1, MaxQueries / (shape.QueryHeads / shape.KeyValueHeads));
    }

    /// <summary>Query vectors (rows times the query heads that share a key head) that one tile computes side by side.</summary>
    public const int MaxQueries = 48;

    /// <summary>Up to <see cref="MaxTileRows"/> neighbouring rows of one sequence.</summary>
    public readonly record struct Tile(int FirstRow, int Rows, int FirstPosition, int[] BlockTable);

    public int MaxTileRows { get; }

    public int TokenCount { get; private set; }

    public ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, TileCount);

    public int TileCount { get; private set; }

    /// <summary>Scratch for rotated queries, [tokens, query heads, head size].</summary>
    public NativeBuffer Queries { get; }

    /// <summary>[head size] cosines, each twice, then [head size] sines, the first of each pair negated.</summary>
    public float* Rotation(int row) => _rotation.Floats + (2L * row * _shape.HeadSize);

    public int Position(int row) => _sequenceOfRow[row].Start + row - _sequenceOfRow[row].FirstRow;

    public int[] BlockTable(int row) => _sequenceOfRow[row].BlockTable;

    /// <exception cref="ArgumentException">A sequence runs past the context, its block table is too short or names a block outside the pool.</exception>
    public void Prepare(StepBatch batch, int blockCount)
    {
        TokenCount = batch.TokenCount;
        TileCount = 0;
        foreach (SequenceSlice sequence in batch.Sequences)
        {
            Check(sequence, blockCount);
            for (int row = sequence.FirstRow; row < sequence.FirstRow + sequence.Length; row++)
            {
                _sequenceOfRow[row] = sequence;
                WriteRotation(row, Position(row));
            }

            for (int done = 0; done < sequence.Length; done += MaxTileRows)
            {
                int rows = Math.Min(MaxTileRows, sequence.Length - done);
                _tiles[TileCount++] = new Tile(sequence.FirstRow + done, rows, sequence.Start + done, sequence.BlockTable);
            }
        }
    }

    public void Dispose()
    {
        _rotation.Dispose();
        Queries.Dispose();
    }

    private void Check(SequenceSlice sequence, int blockCount)
    {
        int end = sequence.Start + sequence.Length;
        int blocks = (end + KvPool.BlockSize - 1) / KvPool.BlockSize;
        if (sequence.Start < 0 || end > _config.ContextLength)
        {
            throw new ArgumentException($"Positions {sequence.Start} to {end - 1} lie outside the context of {_config.ContextLength}.");
        }

        if (sequence.BlockTable.Length < blocks)
        {
            throw new ArgumentException($"A sequence of {end} tokens has {sequence.BlockTable.Length} blocks, not {blocks}.");
        }

        foreach (int block in sequence.BlockTable.AsSpan(0, blocks))
        {
            if ((uint)block >= (uint)blockCount)
            {
                throw new ArgumentException($"Block {block} is not in the pool of {blockCount}.");
            }
        }
    }

    /// <summary>Computed for each step instead of kept for the whole context: 32 pairs take about a microsecond.</summary>
    private void WriteRotation(int row, int position)
    {
        float* cosines = Rotation(row), sines = cosines + _shape.HeadSize;
        new Span<float>(cosines, _shape.HeadSize).Fill(1);
        new Span<float>(sines, _shape.HeadSize).Clear();
        for (int pair = 0; pair < _config.Rotations[0].Frequencies.Length; pair++)
        {
            (double sine, double cosine) = Math.SinCos(position * _config.Rotations[0].Frequencies[pair]);
            cosines[2 * pair] = cosines[(2 * pair) + 1] = (float)cosine;
            sines[(2 * pair) + 1] = (float)sine;
            sines[2 * pair] = -(float)sine;
        }
    }
}
