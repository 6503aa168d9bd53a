namespace CacheProxy.Inference.TestKit.Soak;

/// <param name="FirstToken">Wait for the first text; null: none came.</param>
/// <param name="Tokens">Generated, as far as known.</param>
/// <param name="Problem">What must not happen; null: nothing.</param>
public sealed record SoakAnswer(SoakOutcome Outcome, TimeSpan? FirstToken, int Tokens, string? Problem = null);
