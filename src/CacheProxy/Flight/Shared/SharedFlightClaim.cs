namespace CacheProxy.Flight.Shared;

/// <param name="Role">What this proxy is to do.</param>
/// <param name="Log">The flight's log, to write or to read; null when alone.</param>
/// <param name="HasLanded">An answer to the question has just become an entry: a look-up is worth while before the upstream is asked.</param>
/// <param name="Notice">Of the proxy that makes the answer.</param>
public readonly record struct SharedFlightClaim(SharedFlightRole Role, ISharedFlightLog? Log, bool HasLanded, SharedFlightNotice Notice);
