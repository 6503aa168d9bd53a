using System.Net;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

/// <summary>
/// The one connection of this process, made at the first call and kept; the client reconnects by itself. Nothing is logged
/// here: failing calls reach the guard, which does.
/// </summary>
internal sealed class RedisConnection(ConfigurationOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private Task<ConnectionMultiplexer>? _connecting;
    private bool _isDisposed;

    /// <exception cref="IOException">Redis cannot be reached now.</exception>
    public async ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken)
        => (await GetAsync(cancellationToken)).GetDatabase();

    /// <summary>Both faces of the one connection, for publishing and hearing what is published.</summary>
    /// <exception cref="IOException">Redis cannot be reached now.</exception>
    public async ValueTask<ConnectionMultiplexer> GetAsync(CancellationToken cancellationToken)
    {
        Task<ConnectionMultiplexer> connecting = Connect();

        // The caller's budget may end first; the connection goes on being made for those who come after.
        ConnectionMultiplexer multiplexer = await connecting.WaitAsync(cancellationToken);
        return multiplexer.IsConnected
            ? multiplexer
            : throw new IOException("no connection to Redis");
    }

    /// <summary>Every server that holds entries of its own, each with the number of the database.</summary>
    /// <exception cref="IOException">One of them cannot be reached now: what is on it would be left out.</exception>
    public async ValueTask<IReadOnlyList<(IServer Server, int Database)>> GetMastersAsync(CancellationToken cancellationToken)
    {
        ConnectionMultiplexer multiplexer = await Connect().WaitAsync(cancellationToken);
        int database = multiplexer.GetDatabase().Database;
        var masters = new List<(IServer, int)>();
        foreach (EndPoint endPoint in multiplexer.GetEndPoints())
        {
            IServer server = multiplexer.GetServer(endPoint);
            if (!server.IsConnected)
            {
                throw new IOException($"no connection to Redis at {endPoint}");
            }

            // The client's next version has a second name for this and calls the first one obsolete.
#pragma warning disable CS0618
            if (!server.IsSlave)
#pragma warning restore CS0618
            {
                masters.Add((server, database));
            }
        }

        return masters;
    }

    public void Begin() => Connect().ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            if (_connecting is { IsCompletedSuccessfully: true })
            {
                // Letting commands complete would block for the whole of the client's time-out (1.0 s measured).
                _connecting.Result.Close(allowCommandsToComplete: false);
            }
        }
    }

    private Task<ConnectionMultiplexer> Connect()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);

            // With AbortOnConnectFail off this fails only for such reasons as a host name that is not known yet.
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // On the thread pool: the client resolves names and starts its threads before it first awaits.
                _connecting = Task.Run(() => ConnectionMultiplexer.ConnectAsync(options));
            }

            return _connecting;
        }
    }
}
