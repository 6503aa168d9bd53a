namespace CacheProxy.Budget;

/// <summary>One window of a budget: from its start up to, and not with, its end.</summary>
public readonly record struct WindowSpan(DateTimeOffset Start, DateTimeOffset End)
{
    public bool Contains(DateTimeOffset now) => Start <= now && now < End;
}
