using CacheProxy.Inference.Execution.Attention;
using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution;

/// <summary>What attention must know about the step that runs: whose tokens the rows are, where they stand, how they are cut into tiles.</summary>
/// <remarks>Filled before each step by the engine thread, read by the operators' tiles during it.</remarks>
internal sealed unsafe class StepPlan : IDisposable
{
    /// <summary>Query vectors (rows times the query heads that share a key head) that one tile computes side by side.</summary>
    private const int MaxQueries = 48;

    /// <summary>Floats of those vectors: a tile's sums lie on the stack, 24 KiB of it.</summary>
    private const int MaxQueryFloats = MaxQueries * 128;

    private readonly Dictionary<(int Rotation, RotaryLayout Layout, int HeadSize), RotaryRows> _rotations = [];
    private readonly RotaryRows[] _allRotations;
    private readonly SequenceSlice[] _sequenceOfRow;
    private readonly Tile[] _tiles;
    private readonly int _maxTokens;

    /// <param name="config">Attention of each layer, and the rotary tables.</param>
    /// <param name="maxTokens">The most rows of a step.</param>
    /// <param name="eviction">Attention to sinks and a window alone; null: as the model has it.</param>
    /// <exception cref="ArgumentException">The eviction does not fit the model.</exception>
    public StepPlan(DecoderConfig config, int maxTokens, ContextEviction? eviction)
    {
        eviction?.Validate(config.ContextLength);
        (_maxTokens, Eviction) = (maxTokens, eviction);
        IReadOnlyList<AttentionShape> layers = config.Attention;
        Retention = KvRetention.Of(layers.Select(shape => KvRetention.Of(shape, eviction)));
        _sequenceOfRow = new SequenceSlice[maxTokens];
        _tiles = new Tile[maxTokens];
        MaxTileRows = layers.Min(shape => Math.Max(1, Math.Min(MaxQueries, MaxQueryFloats / shape.HeadSize) / (shape.QueryHeads / shape.KeyValueHeads)));
        int sets = HasSinks ? 2 : 1;
        Queries = new NativeBuffer(sets * (long)maxTokens * layers.Max(shape => shape.QueryWidth) * sizeof(float));
        foreach (AttentionShape shape in layers.Where(shape => shape.Rotation >= 0))
        {
            var key = (shape.Rotation, shape.Layout, shape.HeadSize);
            if (!_rotations.ContainsKey(key))
            {
                _rotations.Add(key, RotaryRows.Create(config.Rotations[shape.Rotation], shape, sets * maxTokens));
            }
        }

        _allRotations = [.. _rotations.Values];
    }

    /// <summary>Up to <see cref="MaxTileRows"/> neighbouring rows of one sequence.</summary>
    public readonly record struct Tile(int FirstRow, int Rows, int FirstPosition, int[] BlockTable);

    public int MaxTileRows { get; }

    public ContextEviction? Eviction { get; }

    /// <summary>What any layer reads.</summary>
    public KvRetention Retention { get; }

    /// <summary>Whether queries are turned a second time, for the sinks.</summary>
    public bool HasSinks => Eviction is { Sinks: > 0 };

    public int TokenCount { get; private set; }

    public ReadOnlySpan<Tile> Tiles => _tiles.AsSpan(0, TileCount);

    public int TileCount { get; private set; }

    /// <summary>Scratch for rotated queries, [tokens, query heads, head size]; with sinks twice, see <see cref="SinkRow"/>.</summary>
    public NativeBuffer Queries { get; }

    /// <summary>Where the query of <paramref name="row"/> that looks at the sinks lies, among <see cref="Queries"/> and rotations.</summary>
    public int SinkRow(int row) => _maxTokens + row;

    /// <summary>Whether a sequence of so many tokens is rotated by the frequencies for long ones.</summary>
    public bool IsLong(int totalLength) => Array.Exists(_allRotations, rotation => rotation.IsLong(ReachOf(totalLength)));

    /// <summary>The rotation of a layer's rows; null where it has none.</summary>
    public RotaryRows? RotationOf(AttentionShape shape) => _rotations.GetValueOrDefault((shape.Rotation, shape.Layout, shape.HeadSize));

    public int Position(int row) => _sequenceOfRow[row].Start + row - _sequenceOfRow[row].FirstRow;

    public int[] BlockTable(int row) => _sequenceOfRow[row].BlockTable;

    /// <param name="batch">Passed by <see cref="StepCheck"/>.</param>
    public void Prepare(StepBatch batch)
    {
        TokenCount = batch.TokenCount;
        TileCount = 0;
        foreach (SequenceSlice sequence in batch.Sequences)
        {
            for (int row = sequence.FirstRow; row < sequence.FirstRow + sequence.Length; row++)
            {
                _sequenceOfRow[row] = sequence;
                PrepareRotations(row, Position(row), sequence.TotalLength);
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
        Array.ForEach(_allRotations, rotation => rotation.Dispose());
        Queries.Dispose();
    }

    private void PrepareRotations(int row, int position, int total)
    {
        int reach = ReachOf(total);
        foreach (RotaryRows rotation in _allRotations)
        {
            rotation.Prepare(row, position, reach);
            if (HasSinks)
            {
                rotation.Prepare(SinkRow(row), Math.Min(position, Eviction!.Sinks + Eviction.Window - 1), reach);
            }
        }
    }

    /// <summary>With eviction no two tokens are further apart than this, so no more than that counts as the length.</summary>
    private int ReachOf(int total) => Eviction is null ? total : Math.Min(total, Eviction.Sinks + Eviction.Window);
}
