namespace CacheProxy.Flight.Shared;

/// <summary>
/// The bytes of one flight, written by the proxy that holds its lease and read by the others. The log belongs to the lease's token: who
/// reads it never sees a byte of another flight, and who lost the lease cannot write any more. Faults surface as exceptions.
/// </summary>
public interface ISharedFlightLog
{
    /// <summary>Unguessable; each flight has its own.</summary>
    Guid Token { get; }

    /// <summary>Leader: appends, renews the lease and wakes the readers. False: the lease is lost. Empty bytes only renew.</summary>
    ValueTask<bool> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Leader: some other proxy waits for it.</summary>
    ValueTask<bool> HasFollowersAsync(CancellationToken cancellationToken);

    /// <summary>Leader: gives the lease back. What was written can be read to its end by those who know of it.</summary>
    /// <param name="hold">The flight stays to be found for so long: a failure that is shared. Zero: it is gone at once.</param>
    /// <param name="hasLanded">It became an entry that all proxies can find.</param>
    ValueTask ReleaseAsync(TimeSpan hold, bool hasLanded);

    /// <summary>Follower: what is behind the position, at most a piece of it; empty: nothing yet. Says at the same time that this proxy waits.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(long position, CancellationToken cancellationToken);

    /// <summary>Follower: the leader still holds its lease.</summary>
    ValueTask<bool> IsHeldAsync(CancellationToken cancellationToken);

    /// <summary>Follower: calls back on every append until disposed. A lost call is made up for by looking from time to time.</summary>
    ValueTask<IAsyncDisposable> SubscribeAsync(Action wake, CancellationToken cancellationToken);
}
