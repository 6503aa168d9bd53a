namespace CacheProxy.Inference.Execution.Device;

/// <summary>
/// Sizes of one step's tensors on a device. A step that only decodes is padded up to one of few shapes, so that its launch can be
/// recorded once and replayed; a step with prompts in it keeps its exact size.
/// </summary>
/// <param name="Tokens">Packed rows, padding included.</param>
/// <param name="Sequences">Rows of the block table, padding included.</param>
/// <param name="LogitRows">Rows of logits, at least one.</param>
/// <param name="TableWidth">Blocks of a row of the block table.</param>
/// <param name="MaxQuery">No sequence has more tokens in this step.</param>
/// <param name="MaxKeys">No sequence has more tokens in all; holds for every step of this shape.</param>
/// <param name="Decode">One token and one row of logits for every sequence.</param>
internal readonly record struct StepShape(int Tokens, int Sequences, int LogitRows, int TableWidth, int MaxQuery, int MaxKeys, bool Decode)
{
    /// <param name="maxSequences">Padding never goes beyond it.</param>
    /// <param name="contextLength">Nor do keys beyond this.</param>
    public static StepShape Of(StepBatch batch, int blockSize, int maxSequences, int contextLength)
    {
        int longest = 0, keys = 0;
        foreach (SequenceSlice sequence in batch.Sequences)
        {
            longest = Math.Max(longest, sequence.Length);
            keys = Math.Max(keys, sequence.Start + sequence.Length);
        }

        bool decode = longest == 1 && batch.LogitRowCount == batch.SequenceCount;
        int bound = Math.Min((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(keys, blockSize)), Blocks(contextLength, blockSize) * blockSize);
        int sequences = decode ? Math.Min(Padded(batch.SequenceCount), maxSequences) : batch.SequenceCount;
        return new StepShape(
            decode ? sequences : batch.TokenCount,
            sequences,
            decode ? sequences : Math.Max(1, batch.LogitRowCount),
            Blocks(bound, blockSize),
            longest,
            bound,
            decode);
    }

    /// <summary>1, 2, 4, then multiples of 8: the capture sizes of vLLM.</summary>
    private static int Padded(int sequences) => sequences <= 2 ? sequences : sequences <= 4 ? 4 : (sequences + 7) & -8;

    private static int Blocks(int tokens, int blockSize) => (tokens + blockSize - 1) / blockSize;
}
