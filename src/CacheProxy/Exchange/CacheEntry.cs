using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange;

/// <summary>One complete recorded answer with what is needed to judge, find, price and delete it. Immutable.</summary>
public sealed record CacheEntry
{
    /// <summary>Clocks of proxies that share entries differ; by more than this an entry's time is wrong.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    /// <summary>Opaque, unguessable id (80 random bits behind the time, lower-case hex) for feedback and deletion.</summary>
    public required string Id { get; init; }

    public required Fingerprint256 Fingerprint { get; init; }

    /// <summary>Who may see it: the scope's hash, never a key.</summary>
    public required string Scope { get; init; }

    public required string Namespace { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public required string Model { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Seconds of freshness from <see cref="CreatedAt"/>.</summary>
    public required int TtlSeconds { get; init; }

    /// <summary>The request asked for this TTL; otherwise the configuration gave it.</summary>
    public bool HasAskedTtl { get; init; }

    /// <summary>Seconds after the TTL during which it is served while one refresh runs (RFC 5861 §3).</summary>
    public int StaleWhileRevalidateSeconds { get; init; }

    /// <summary>Seconds after the TTL during which it is served when the upstream fails (RFC 5861 §4).</summary>
    public int StaleIfErrorSeconds { get; init; }

    /// <summary>Seconds after the TTL during which it is kept for clients that ask for stale answers.</summary>
    public int KeepStaleSeconds { get; init; }

    /// <summary>Seconds that making the answer took, from forwarding to the last byte.</summary>
    public double MissDurationSeconds { get; init; }

    /// <summary>Seconds of a machine of one's own that making the answer took; null: a provider made it.</summary>
    public double? MachineSeconds { get; init; }

    /// <summary>Id of the prompt's reusable part; null: it was not computed.</summary>
    public string? PrefixId { get; init; }

    /// <summary>Keyed hash of the request's <c>user</c>, 16 hex digits; null: it named none.</summary>
    public string? UserId { get; init; }

    /// <summary>Id of the entry that a refresh makes this one of; it is not stored. Null: it replaces none that is known.</summary>
    public string? Replaces { get; init; }

    public required CanonicalAnswer Answer { get; init; }

    public DateTimeOffset FreshUntil => CreatedAt.AddSeconds(TtlSeconds);

    /// <summary>After this it is of no use to anyone and may be removed.</summary>
    public DateTimeOffset UsableUntil => FreshUntil.AddSeconds(Math.Max(KeepStaleSeconds, Math.Max(StaleWhileRevalidateSeconds, StaleIfErrorSeconds)));

    /// <summary>Whole seconds since it was made, never negative (RFC 9111 §4.2.3; a clock set back counts as 0).</summary>
    public long AgeSeconds(DateTimeOffset now) => Math.Max(0, (long)(now - CreatedAt).TotalSeconds);

    /// <summary>
    /// It says that it was made in the future: the clock has been set back since, and how old it is nobody knows. It answers nothing, and sweeps
    /// take it away, so that it does not come back to life when the clock gets there.
    /// </summary>
    public bool IsAheadOf(DateTimeOffset now) => CreatedAt - now > ClockTolerance;

    public bool IsFresh(DateTimeOffset now) => now < FreshUntil;
}
