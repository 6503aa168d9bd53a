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

        foreach (int token in batch.TokenIds)
        {
            if ((uint)token >= (uint)runner.VocabularySize)
            {
                throw new ArgumentException($"Token {token} is outside the vocabulary of {runner.VocabularySize}.", nameof(batch));
            }
        }

        foreach (SequenceSlice sequence in batch.Sequences)
        {
            CheckSequence(sequence, runner);
        }
    }

    private static void CheckSequence(SequenceSlice sequence, IModelRunner runner)
    {
        int end = sequence.Start + sequence.Length;
        int blocks = (end + runner.BlockSize - 1) / runner.BlockSize;
        if (sequence.Start < 0 || end > runner.ContextLength)
        {
            throw new ArgumentException($"Positions {sequence.Start} to {end - 1} lie outside the context of {runner.ContextLength}.");
        }

        if (sequence.BlockTable.Length < blocks)
        {
            throw new ArgumentException($"A sequence of {end} tokens has {sequence.BlockTable.Length} blocks, not {blocks}.");
        }

        foreach (int block in sequence.BlockTable.AsSpan(0, blocks))
        {
            if ((uint)block >= (uint)runner.BlockCount)
            {
                throw new ArgumentException($"Block {block} is not in the pool of {runner.BlockCount}.");
            }
        }
    }
}
