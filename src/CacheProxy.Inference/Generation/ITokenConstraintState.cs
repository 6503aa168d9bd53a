namespace CacheProxy.Inference.Generation;

/// <summary>
/// How far one sequence's answer has come. It advances by committed tokens alone, so neither a draft that was not accepted
/// nor a preemption ever touches it. Engine thread alone.
/// </summary>
public interface ITokenConstraintState
{
    /// <summary>
    /// The tokens that may come next: bit <c>id % 32</c> of word <c>id / 32</c>, [(vocabulary + 31) / 32]. Tokens that end the
    /// turn are in it exactly when the answer is complete. Valid until the next call; nothing is allocated in steady state.
    /// </summary>
    ReadOnlySpan<uint> Allowed();

    /// <summary>Takes the token chosen, one of those allowed.</summary>
    void Advance(int token);
}
