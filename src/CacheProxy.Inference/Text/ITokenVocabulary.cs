namespace CacheProxy.Inference.Text;

/// <summary>What the engine needs to know of a model's tokens. Immutable, any thread.</summary>
public interface ITokenVocabulary
{
    /// <summary>Number of token ids; may be smaller than the number of logits (padded tables).</summary>
    int Count { get; }

    /// <summary>The bytes a token stands for in the answer: any part of a UTF-8 character; none for control tokens.</summary>
    ReadOnlySpan<byte> BytesOf(int token);

    /// <summary>Whether the token ends a turn.</summary>
    bool IsEndOfSequence(int token);
}
