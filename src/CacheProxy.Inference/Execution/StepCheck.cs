namespace CacheProxy.Inference.Execution;

/// <summary>What every runner refuses before it touches anything.</summary>
internal static class StepCheck
{
    /// <exception cref="ArgumentException">The batch is empty or too large, or names tokens, positions or blocks that do not exist.</exception>
    public static void Check(StepBatch batch, IModelRunner runner)
    {
        if (batch.TokenCount == 0 || batch.TokenCount > runner.MaxBatchTokens)
        {
            throw new ArgumentException($"A step takes 1 to {runner.MaxBatchTokens} tokens, not {batch.TokenCount}.", nameof(batch));
        }

        int vocabulary = runner.VocabularySize;
        foreach (int token in batch.TokenIds)
        {
            if ((uint)token >= (uint)vocabulary)
            {
                throw new ArgumentException($"Token {token} is outside the vocabulary of {vocabulary}.", nameof(batch));
            }
        }

        foreach (SequenceSlice sequence in batch.Sequences)
        {
            CheckSequence(sequence, runner);
        }
    }

    private static void CheckSequence(SequenceSlice sequence, IModelRunner runner)
    {
        int end = sequence.Start + sequence.Length, blockSize = runner.BlockSize, blockCount = runner.BlockCount;
        if (sequence.Start < 0 || end < 0 || (end > runner.ContextLength && !runner.ForgetsContext))
        {
            throw new ArgumentException($"Positions {sequence.Start} to {end - 1} lie outside the context of {runner.ContextLength}.");
        }

        int blocks = (int)((end + blockSize - 1L) / blockSize);
        if (sequence.BlockTable.Length < blocks)
        {
            throw new ArgumentException($"A sequence of {end} tokens has {sequence.BlockTable.Length} blocks, not {blocks}.");
        }

        for (int index = 0; index < blocks; index++)
        {
            // What no row of the step reads may be given up already.
            int block = sequence.BlockTable[index];
            if ((uint)block >= (uint)blockCount && (!runner.Retention.IsBounded || runner.Retention.Reads(index, sequence.Start, blockSize)))
            {
                throw new ArgumentException($"Block {block} is not in the pool of {blockCount}.");
            }
        }
    }
}
