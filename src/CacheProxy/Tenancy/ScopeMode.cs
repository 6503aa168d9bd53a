namespace CacheProxy.Tenancy;

/// <summary>How wide answers are shared.</summary>
public enum ScopeMode
{
    Key,
    User,
    Shared,
}
