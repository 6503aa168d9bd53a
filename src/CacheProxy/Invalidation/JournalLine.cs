namespace CacheProxy.Invalidation;

/// <summary>One purge, as another proxy told of it.</summary>
/// <param name="Number">1 and up, without gaps.</param>
/// <param name="Sender">The process that purged.</param>
/// <param name="Selector">JSON of <see cref="SelectorText"/>.</param>
internal sealed record JournalLine(long Number, string Sender, string Selector);
