using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>Keeps something of its own beside every question of an in-process index. Called under the index's write lock: it must be quick and never fail.</summary>
public interface IQuestionMirror
{
    /// <summary>What it keeps of one question; counts in the index's bound.</summary>
    int QuestionBytes { get; }

    /// <summary>The question will be findable right after; it may replace one of its fingerprint.</summary>
    void Adding(IndexedQuestion question);

    /// <summary>The question is no longer findable.</summary>
    void Removed(in Fingerprint256 partition, in Fingerprint256 fingerprint);
}
