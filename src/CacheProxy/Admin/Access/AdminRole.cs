namespace CacheProxy.Admin.Access;

/// <summary>What somebody may do with the proxy; each may what those before it may.</summary>
public enum AdminRole
{
    None,

    /// <summary>Sees figures: no text of questions or answers, no changes.</summary>
    Reader,

    /// <summary>Everything.</summary>
    Admin,
}
