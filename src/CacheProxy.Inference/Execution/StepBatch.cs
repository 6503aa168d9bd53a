namespace CacheProxy.Inference.Execution;

/// <summary>
/// One step's input: sequences packed one after the other, each a run of consecutive tokens that continues its cached past.
/// Reused from step to step; filling it allocates nothing once it has grown to the largest batch.
/// </summary>
public sealed class StepBatch
{
    private int[] _tokenIds = new int[64];
    private int[] _logitRows = new int[16];
    private SequenceSlice[] _slices = new SequenceSlice[16];

    /// <summary>Token ids, [TokenCount].</summary>
    public ReadOnlySpan<int> TokenIds => _tokenIds.AsSpan(0, TokenCount);

    /// <summary>Packed row (0..TokenCount-1) of each logit row wanted, ascending, [LogitRowCount].</summary>
    public ReadOnlySpan<int> LogitRows => _logitRows.AsSpan(0, LogitRowCount);

    /// <summary>The sequences in packed order, [SequenceCount].</summary>
    public ReadOnlySpan<SequenceSlice> Sequences => _slices.AsSpan(0, SequenceCount);

    public int TokenCount { get; private set; }

    public int LogitRowCount { get; private set; }

    public int SequenceCount { get; private set; }

    public void Clear() => TokenCount = LogitRowCount = SequenceCount = 0;

    /// <summary>Appends a run of tokens whose first one stands at <paramref name="start"/> in its sequence.</summary>
    /// <param name="tokens">Ids of the run, at least one.</param>
    /// <param name="start">Position of the first token = number of tokens of the sequence whose KV is in the pool.</param>
    /// <param name="blockTable">Block ids of the whole sequence, covering at least start + tokens.Length tokens; kept by reference until the step ends.</param>
    /// <param name="logitRows">How many logit rows are wanted, counted from the end of the run (0 for an inner prefill chunk).</param>
    /// <param name="totalLength">
    /// The most tokens that the sequence will ever have; 0: no more than up to this run. Models whose rotation depends on it (longrope)
    /// must be told the same one in each step of a sequence, and of all that share its blocks.
    /// </param>
    public void Add(ReadOnlySpan<int> tokens, int start, int[] blockTable, int logitRows, int totalLength = 0)
    {
        Grow(ref _tokenIds, TokenCount + tokens.Length);
        Grow(ref _logitRows, LogitRowCount + logitRows);
        Grow(ref _slices, SequenceCount + 1);
        tokens.CopyTo(_tokenIds.AsSpan(TokenCount));
        _slices[SequenceCount++] = new SequenceSlice(TokenCount, tokens.Length, start, blockTable, Math.Max(totalLength, start + tokens.Length));
        TokenCount += tokens.Length;
        for (int row = TokenCount - logitRows; row < TokenCount; row++)
        {
            _logitRows[LogitRowCount++] = row;
        }
    }

    private static void Grow<T>(ref T[] array, int needed)
    {
        if (array.Length < needed)
        {
            Array.Resize(ref array, Math.Max(needed, array.Length * 2));
        }
    }
}

/// <summary>One sequence's part of a step.</summary>
/// <param name="FirstRow">Its first packed row.</param>
/// <param name="Length">Its number of tokens in this step.</param>
/// <param name="Start">Position of its first token of this step.</param>
/// <param name="BlockTable">Block ids by position / block size.</param>
/// <param name="TotalLength">The most tokens that it will ever have.</param>
public readonly record struct SequenceSlice(int FirstRow, int Length, int Start, int[] BlockTable, int TotalLength);
