namespace CacheProxy.Exchange;

/// <summary>Who may share answers: by default everyone with the same API key. Holds a keyed hash, never a key.</summary>
public sealed class Scope
{
    public Scope(Fingerprint256 hash)
    {
        Hash = hash;
        Id = hash.ToString();
        DisplayName = Id[..16];
    }

    public Fingerprint256 Hash { get; }

    /// <summary>64 lower-case hex digits; what entries and stores carry.</summary>
    public string Id { get; }

    /// <summary>What people are shown: the tenant's configured name, else the first 16 digits of <see cref="Id"/>.</summary>
    public string DisplayName { get; init; }
}
