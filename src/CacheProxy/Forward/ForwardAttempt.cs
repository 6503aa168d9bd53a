using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>How one try to forward a request ended.</summary>
/// <param name="Error">YARP's word.</param>
internal readonly record struct ForwardAttempt(ForwarderError Error, AttemptResult Result)
{
    /// <summary>Nothing has reached the client yet, and another try at the same upstream may do better.</summary>
    public bool CanBeRepeated { get; init; }

    /// <summary>Nothing has reached the client yet, and another destination may do better.</summary>
    public bool CanGoElsewhere { get; init; }

    /// <summary>When the upstream wants to be asked again; null: it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>It tells against the upstream's health.</summary>
    public bool IsFailure { get; init; }
}
