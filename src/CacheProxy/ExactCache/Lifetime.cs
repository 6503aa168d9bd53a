namespace CacheProxy.ExactCache;

/// <summary>How long a new entry is of use, from the moment at which its answer began. Seconds.</summary>
/// <param name="TtlSeconds">Fresh for this long.</param>
/// <param name="StaleWhileRevalidateSeconds">After that, served while one refresh runs (RFC 5861 §3).</param>
/// <param name="StaleIfErrorSeconds">After that, served when the upstream fails (RFC 5861 §4).</param>
/// <param name="KeepStaleSeconds">After that, kept for clients that ask for stale answers.</param>
public readonly record struct Lifetime(int TtlSeconds, int StaleWhileRevalidateSeconds, int StaleIfErrorSeconds, int KeepStaleSeconds)
{
    /// <summary>An entry of it would never be given to a client that does not ask for stale ones.</summary>
    public bool IsNothing => TtlSeconds == 0 && StaleWhileRevalidateSeconds == 0 && StaleIfErrorSeconds == 0;
}
