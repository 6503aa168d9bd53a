namespace CacheProxy.Exchange;

/// <summary>Who may share answers: by default everyone with the same API key. Holds a keyed hash, never a key.</summary>
public sealed class Scope
{
    public Scope(Fingerprint256 hash)
    {
        Hash = hash;
        Id = hash.ToString();
    }

    public Fingerprint256 Hash { get; }

    /// <summary>64 lower-case hex digits; what entries and stores carry.</summary>
    public string Id { get; }
}
