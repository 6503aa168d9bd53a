namespace CacheProxy.Exchange;

/// <summary>The stored question that came nearest to being served by its meaning, and was not. Immutable.</summary>
/// <param name="Similarity">Cosine of the two questions.</param>
/// <param name="Probability">That its answer is right, as the policy sees it, 0..1; NaN: the pair did not come as far as the policy.</param>
/// <param name="Threshold">The probability that was needed, 0..1; NaN where <paramref name="Probability"/> is.</param>
/// <param name="Reason">Why it was not served: the snake_case name of the look-up's reason, <c>below_threshold</c>, <c>guarded</c>, <c>shadowed</c> and so on.</param>
/// <param name="Guard">Name of the guard that vetoed it; null: none did.</param>
/// <param name="Entry">Fingerprint of the entry that answers it.</param>
/// <param name="Question">Its text, which goes nowhere unless <c>Ledger:KeepSnippets</c> is on; null: not known.</param>
public sealed record NearMiss(float Similarity, double Probability, double Threshold, string Reason, string? Guard, Fingerprint256 Entry, string? Question = null)
{
    /// <summary><see cref="Entry"/> as 64 hex digits: what an <see cref="EntrySelector"/> finds it by.</summary>
    public string EntryId => Entry.ToString();
}
