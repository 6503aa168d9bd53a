namespace CacheProxy.SemanticCache.Encoders;

/// <summary>Reads two questions together and says how surely one answer serves both. Faults surface as exceptions; a call never blocks its caller before its first await.</summary>
public interface IVerifier
{
    /// <summary>Changes whenever the same pair may get another score.</summary>
    string Fingerprint { get; }

    /// <summary>Scores all pairs in one batch.</summary>
    /// <returns>One score for each pair, in order.</returns>
    ValueTask<IReadOnlyList<VerifierScore>> ScoreAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken);
}
