using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Flight;

/// <summary>How identical requests that are under way at the same time share one answer. Section <c>Flight</c>.</summary>
public sealed class FlightOptions
{
    public const string Section = "Flight";

    /// <summary>False: every miss is forwarded by itself. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Milliseconds for which a failed answer is given to those who ask the same, before the upstream is asked again. Short, because a
    /// client that backs off (the OpenAI client: 375 ms and more) must find out for itself. Default 250.
    /// </summary>
    [Range(0, 60_000)]
    public int FailureHoldMilliseconds { get; set; } = 250;

    /// <summary>An answer that everybody left is read to its end and stored, instead of stopping the upstream's work. Default false.</summary>
    public bool FinishAbandoned { get; set; }

    /// <summary>
    /// The most bytes of one answer kept for those who share it. An answer that outgrows it is neither stored nor joined any more, and
    /// whoever has fallen behind by more is cut off. Default 32 MiB.
    /// </summary>
    [Range(65_536, 1 << 30)]
    public int MaxBufferBytes { get; set; } = 32 << 20;

    /// <summary>
    /// Proxies that share a Redis (<c>Redis:Url</c>) also join each other's requests: the first one asks the upstream, the others get its
    /// bytes through Redis as they come. Default true.
    /// </summary>
    public bool Shared { get; set; } = true;

    /// <summary>
    /// Milliseconds without a sign of life after which the other proxies no longer count on the one that makes an answer. It renews
    /// four times as often. Default 2000.
    /// </summary>
    [Range(200, 60_000)]
    public int LeaseMilliseconds { get; set; } = 2000;

    /// <summary>
    /// The most bytes of one answer that other proxies get through Redis. An answer that outgrows it is no longer shared with them;
    /// their clients that have a part of it already are cut off. Default 8 MiB.
    /// </summary>
    [Range(65_536, 256 << 20)]
    public int MaxSharedBytes { get; set; } = 8 << 20;
}
