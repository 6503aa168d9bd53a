namespace CacheProxy.Exchange;

/// <summary>Who may share answers: by default everyone with the same API key. Holds a keyed hash, never a key.</summary>
public sealed class Scope
{
    public Scope(Fingerprint256 hash)
    {
        Hash = hash;
        Id = hash.ToString();
        ShortId = Id[..16];
    }

    public Fingerprint256 Hash { get; }

    /// <summary>64 lower-case hex digits; what entries and stores carry.</summary>
    public string Id { get; }

    /// <summary>The first 16 digits of <see cref="Id"/>: what people read where the scope has no name.</summary>
    public string ShortId { get; }
}
