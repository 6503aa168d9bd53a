namespace CacheProxy.Flight.Shared;

/// <summary>Where the proxies of one installation tell each other which answers are under way. Absent: each proxy joins only its own requests.</summary>
public interface ISharedFlights
{
    /// <summary>
    /// Asks to make the answer for all proxies. Never throws but for the caller's own cancellation, and takes at most the budget:
    /// beyond it, and whenever something fails, the answer is <see cref="SharedFlightRole.Alone"/>.
    /// </summary>
    /// <param name="notice">Of this proxy, for those who follow.</param>
    ValueTask<SharedFlightClaim> ClaimAsync(FlightKey key, SharedFlightNotice notice, CancellationToken cancellationToken);
}
