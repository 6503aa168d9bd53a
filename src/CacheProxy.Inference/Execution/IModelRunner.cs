namespace CacheProxy.Inference.Execution;

/// <summary>Runs one token-packed batch through the model over a paged KV pool. Owned and called by the engine thread alone.</summary>
/// <remarks>The result of a row never depends on the other rows of the batch, nor on how its tokens were cut into chunks.</remarks>
public interface IModelRunner : IDisposable
{
    /// <summary>Number of logits of one row.</summary>
    int VocabularySize { get; }

    /// <summary>The longest sequence the model can attend to, in tokens.</summary>
    int ContextLength { get; }

    /// <summary>Tokens of one KV block.</summary>
    int BlockSize { get; }

    /// <summary>KV blocks in the pool.</summary>
    int BlockCount { get; }

    /// <summary>The most tokens one <see cref="Run"/> takes.</summary>
    int MaxBatchTokens { get; }

    /// <summary>Bytes of one block: the keys and values of its tokens in every layer.</summary>
    long BlockBytes { get; }

    /// <summary>What a stored block's bytes depend on besides the tokens: the weights, the sizes and constants of attention, the type of the KV.</summary>
    string Fingerprint { get; }

    /// <summary>Which tokens' KV later tokens read. Default: of all.</summary>
    KvRetention Retention => default;

    /// <summary>Whether a sequence may grow beyond <see cref="ContextLength"/> since it forgets its middle.</summary>
    bool ForgetsContext => false;

    /// <summary>
    /// Sequences of which this number differs cannot share KV although their tokens are the same: where the rotation depends on the
    /// most tokens that the sequence will ever have. Default: 0 for all.
    /// </summary>
    int KvVariant(int totalLength) => 0;

    /// <summary>
    /// Computes the batch: writes K and V of every token into its sequence's blocks, then the logits of the rows asked for.
    /// </summary>
    /// <returns>Logits, row-major [batch.LogitRowCount, VocabularySize]; valid until the next call.</returns>
    ReadOnlySpan<float> Run(StepBatch batch);

    /// <summary>Copies the K and V of the first <paramref name="tokens"/> tokens of one block into another, in every layer.</summary>
    void CopyBlock(int sourceBlock, int targetBlock, int tokens);

    /// <summary>Copies a block out of the pool. What lies behind the tokens in use is undefined.</summary>
    /// <param name="block">A block of the pool.</param>
    /// <param name="bytes">[BlockBytes].</param>
    void ReadBlock(int block, Span<byte> bytes);

    /// <summary>Puts bytes into a block that <see cref="ReadBlock"/> gave of a runner with the same <see cref="Fingerprint"/>.</summary>
    /// <param name="block">A block of the pool.</param>
    /// <param name="bytes">[BlockBytes].</param>
    void WriteBlock(int block, ReadOnlySpan<byte> bytes);
}
