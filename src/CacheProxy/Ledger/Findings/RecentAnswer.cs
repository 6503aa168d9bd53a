namespace CacheProxy.Ledger.Findings;

/// <summary>What is remembered of an answer that became an entry, when the entry itself is gone.</summary>
/// <param name="CreatedAt">Unix seconds.</param>
/// <param name="TtlSeconds">Of the entry.</param>
/// <param name="Text">Hash of what it said; 0: nothing that could be compared.</param>
internal readonly record struct RecentAnswer(long CreatedAt, int TtlSeconds, long Text);
