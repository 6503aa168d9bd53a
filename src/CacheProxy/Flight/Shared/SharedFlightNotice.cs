using System.Diagnostics;

namespace CacheProxy.Flight.Shared;

/// <summary>What the proxy that makes an answer tells those that follow it.</summary>
/// <param name="PurgesKnown"><see cref="Exchange.PurgeLog.SharedNumber"/> of that proxy, before it asked for the answer.</param>
/// <param name="Trace">The span that it is made under; default: nobody traces it.</param>
public readonly record struct SharedFlightNotice(long PurgesKnown, ActivityContext Trace = default);
