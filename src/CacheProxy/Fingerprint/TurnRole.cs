namespace CacheProxy.Fingerprint;

/// <summary>Whose turn it is. <see cref="Other"/>: none of those that every dialect knows.</summary>
internal enum TurnRole
{
    Other,
    System,
    User,
    Assistant,
    Tool,
}
