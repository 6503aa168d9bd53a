using Polly.Timeout;

namespace CacheProxy.Stores.Resilience;

/// <summary>Counts the calls of one dependency and logs each change between working and not working once.</summary>
internal sealed partial class CallHealth(string name, ILogger logger)
{
    // One slow call is noise; three in a row are worth a line also where traffic is too thin for the breaker.
    private const int FaultsUntilLogged = 3;

    private long _succeeded;
    private long _failed;
    private long _timedOut;
    private long _rejected;
    private int _faultsInARow;
    private int _isLogged;
    private volatile string? _lastFault;

    public string Name => name;

    public bool IsHealthy => Volatile.Read(ref _isLogged) == 0;

    /// <summary>Null: none since the start.</summary>
    public string? LastFault => _lastFault;

    /// <summary>Of the calls that were made.</summary>
    public RecentTimes Times { get; } = new();

    public CallCounts Counts => new(
        Interlocked.Read(ref _succeeded), Interlocked.Read(ref _failed), Interlocked.Read(ref _timedOut), Interlocked.Read(ref _rejected));

    public void OnSuccess()
    {
        Interlocked.Increment(ref _succeeded);
        if (Volatile.Read(ref _faultsInARow) != 0)
        {
            Volatile.Write(ref _faultsInARow, 0);
        }

        if (!IsHealthy && Interlocked.Exchange(ref _isLogged, 0) == 1)
        {
            Log.Recovered(logger, name);
        }
    }

    public void OnFault(CallOutcome outcome, Exception error)
    {
        if (outcome == CallOutcome.Rejected)
        {
            Interlocked.Increment(ref _rejected);
            return;
        }

        _lastFault = CauseOf(error);
        Interlocked.Increment(ref outcome == CallOutcome.TimedOut ? ref _timedOut : ref _failed);
        if (Interlocked.Increment(ref _faultsInARow) >= FaultsUntilLogged)
        {
            LogOnce(error);
        }
    }

    public void OnOpened(Exception? error) => LogOnce(error);

    private void LogOnce(Exception? error)
    {
        if (Interlocked.Exchange(ref _isLogged, 1) == 0)
        {
            Log.Failing(logger, name, CauseOf(error));
        }
    }

    private static string CauseOf(Exception? error) => error is TimeoutRejectedException ? "no answer within its time budget" : error?.Message ?? "unknown";

    private static partial class Log
    {
        [LoggerMessage(901, LogLevel.Warning, "{Dependency} is failing; requests go on without it until it recovers. First cause: {Cause}", EventName = "DependencyFailing")]
        public static partial void Failing(ILogger logger, string dependency, string cause);

        [LoggerMessage(902, LogLevel.Information, "{Dependency} works again", EventName = "DependencyRecovered")]
        public static partial void Recovered(ILogger logger, string dependency);
    }
}
