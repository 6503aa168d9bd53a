using Yarp.ReverseProxy.Forwarder;

namespace CacheProxy.Forward;

/// <summary>How one try to forward a request ended.</summary>
/// <param name="Error">YARP's word.</param>
/// <param name="CanBeRepeated">Nothing has reached the client yet, and the upstream may do better next time.</param>
internal readonly record struct ForwardAttempt(ForwarderError Error, bool CanBeRepeated);
