using System.Collections.Concurrent;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Stores.Redis;
using Microsoft.Extensions.Options;

namespace CacheProxy.Invalidation;

/// <summary>
/// Shares epochs and purges through Redis. Every proxy looks once a second: what one of them invalidates is out of the others' reach within a
/// second or two. While Redis cannot be reached the last known epochs hold, and what could not be told is told when it can be again: a proxy that
/// is cut off serves, until then, from its own memory what the others have invalidated.
/// </summary>
public sealed partial class RedisInvalidation(
    RedisEntryStore store, IOptions<RedisOptions> options, NamespaceEpochs epochs, PurgeLog purges, IServiceProvider services, TimeProvider time,
    ILogger<RedisInvalidation> logger) : BackgroundService, IInvalidationSharing, ISharedPurges
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromSeconds(2);

    private readonly string _sender = Guid.NewGuid().ToString("N");
    private readonly ConcurrentQueue<string> _untoldBumps = new();
    private readonly ConcurrentQueue<Purge> _untoldPurges = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly RedisJournal _journal = new(store, options.Value.KeyPrefix);
    private long _seen = -1;
    private bool _isFailing;

    public async ValueTask<bool> ShareBumpAsync(string space, CancellationToken cancellationToken)
    {
        try
        {
            await BumpThereAsync(space, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _untoldBumps.Enqueue(space);
            OnFailure(exception);
            return false;
        }
    }

    public async ValueTask<bool> SharePurgeAsync(Purge purge, CancellationToken cancellationToken)
    {
        try
        {
            await TellAsync(purge, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _untoldPurges.Enqueue(purge);
            OnFailure(exception);
            return false;
        }
    }

    /// <summary>One small question to Redis, unless somebody has purged since the last look.</summary>
    public async ValueTask CatchUpAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestCatchUp);
        try
        {
            if (await _journal.ReadNumberAsync(limit.Token) != Volatile.Read(ref _seen))
            {
                await ReadPurgesAsync(limit.Token);
            }
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                OnFailure(exception);
            }
        }
    }

    /// <summary>Waits for the first look, so that nothing is served that was invalidated while this proxy was not there.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestStart);
        await TrySyncAsync(limit.Token);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TrySyncAsync(stoppingToken);
        }
    }

    private async Task TrySyncAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SyncAsync(cancellationToken);
            if (_isFailing)
            {
                _isFailing = false;
                Log.Recovered(logger);
            }
        }
        catch (Exception exception)
        {
            OnFailure(exception);
        }
    }

    private async Task SyncAsync(CancellationToken cancellationToken)
    {
        // As new bumps: somebody else may have reached the same number meanwhile, for another reason and with other entries under it.
        while (_untoldBumps.TryPeek(out string? space))
        {
            await BumpThereAsync(space, cancellationToken);
            _untoldBumps.TryDequeue(out _);
        }

        Dictionary<string, int> there = await _journal.ReadEpochsAsync(cancellationToken);
        epochs.Merge(there);
        foreach ((string space, int epoch) in epochs.Table.Spaces.Where(pair => pair.Value > there.GetValueOrDefault(pair.Key)))
        {
            // Redis was emptied: what it forgot is still true.
            await _journal.RaiseAsync(space, epoch, cancellationToken);
        }

        while (_untoldPurges.TryPeek(out Purge? purge))
        {
            await TellAsync(purge, cancellationToken);
            _untoldPurges.TryDequeue(out _);
        }

        await ReadPurgesAsync(cancellationToken);
    }

    private async Task BumpThereAsync(string space, CancellationToken cancellationToken)
    {
        // The local epoch is raised already: one below it is what both sides may have known.
        int epoch = await _journal.BumpAsync(space, epochs.Of(space) - 1, cancellationToken);
        epochs.Merge([KeyValuePair.Create(space, epoch)]);
    }

    private async Task TellAsync(Purge purge, CancellationToken cancellationToken)
    {
        long number = await _journal.AppendAsync(Message(purge.Selector), cancellationToken);
        if (purge.Number == Purge.Untold)
        {
            purge.Number = number;
        }
    }

    private async Task ReadPurgesAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await ReadPurgesAloneAsync(cancellationToken);
            purges.SharedNumber = _seen;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task ReadPurgesAloneAsync(CancellationToken cancellationToken)
    {
        (long newest, IReadOnlyList<JournalLine> lines) = await _journal.ReadAsync(_seen, cancellationToken);
        var invalidator = services.GetRequiredService<Invalidator>();
        bool isFirst = _seen < 0;
        bool hasGap = newest < _seen || (newest > _seen && (lines.Count == 0 || lines[0].Number > _seen + 1));
        if (newest == _seen)
        {
            return;
        }

        if (newest < _seen)
        {
            purges.RestartNumbers();
        }

        if (isFirst && !_isFailing)
        {
            // Nothing is in this process' memory yet that an earlier purge could be about.
            Volatile.Write(ref _seen, newest);
            return;
        }

        if (isFirst || hasGap)
        {
            // Not reached since the start, emptied, or more was purged than it keeps: nobody knows what this process should not have any more.
            Log.Forgot(logger);
            await invalidator.PurgeMemoryAsync(EntrySelector.Everything, newest, cancellationToken);
            Volatile.Write(ref _seen, newest);
            return;
        }

        foreach (JournalLine line in lines.Where(line => line.Sender != _sender))
        {
            EntrySelector selector = SelectorText.Parse(Encoding.UTF8.GetBytes(line.Selector)) ?? EntrySelector.Everything;
            await invalidator.PurgeMemoryAsync(selector, line.Number, cancellationToken);
        }

        // Behind them: who finds the number there finds the purges in the log.
        Volatile.Write(ref _seen, newest);
    }

    private string Message(EntrySelector selector) => $"{_sender} {SelectorText.From(selector)}";

    private void OnFailure(Exception exception)
    {
        if (!_isFailing)
        {
            _isFailing = true;
            Log.Failing(logger, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Warning, "Redis cannot be asked what was invalidated ({Reason}): the last known epochs hold", EventName = "InvalidationNotShared")]
        public static partial void Failing(ILogger logger, string reason);

        [LoggerMessage(1021, LogLevel.Information, "Invalidations are shared again", EventName = "InvalidationShared")]
        public static partial void Recovered(ILogger logger);

        [LoggerMessage(1022, LogLevel.Warning, "Redis does not know any more what was purged: the memory of this process begins anew", EventName = "PurgesForgotten")]
        public static partial void Forgot(ILogger logger);
    }
}
