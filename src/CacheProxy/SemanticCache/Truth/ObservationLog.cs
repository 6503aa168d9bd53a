using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CacheProxy.Storage;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Observations in a file of their own: a single writer follows the requests in batches. A file that is damaged is put aside and begun anew;
/// one that is full or locked costs observations, never a request.
/// </summary>
public sealed partial class ObservationLog : BackgroundService, IObservationLog
{
    public const string FileName = "observations.db";

    private const int QueuedObservations = 4096;
    private const int BatchedObservations = 256;

    // Deleting looks at the oldest rows only; once in so many batches keeps the file within a few batches of its bound.
    private const int BatchesBetweenTrims = 16;

    private readonly string _path;
    private readonly TimeSpan _retention;
    private readonly int _mostRows;
    private readonly TimeProvider _time;
    private readonly ILogger<ObservationLog> _logger;
    private readonly Channel<Item> _queue;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _dropped;
    private long _pending;

    /// <param name="path">Of the SQLite file.</param>
    /// <param name="retention">Older observations are deleted.</param>
    /// <param name="mostRows">Beyond it the oldest leave.</param>
    public ObservationLog(string path, TimeSpan retention, int mostRows, TimeProvider time, ILogger<ObservationLog> logger)
    {
        (_path, _retention, _mostRows, _time, _logger) = (path, retention, mostRows, time, logger);
        _queue = Channel.CreateBounded<Item>(
            new BoundedChannelOptions(QueuedObservations) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite }, _ => Drop(1));
    }

    /// <summary>Observations that did not reach the file.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(Observation observation) => Queue(new Item(observation, null));

    /// <summary>Keeps a scope's counts for the next start. Returns at once.</summary>
    public void Save(ScopeError error) => Queue(new Item(null, error));

    /// <summary>The counts that were saved last.</summary>
    public async Task<IReadOnlyList<ScopeError>> ReadScopesAsync(CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        if (!File.Exists(_path))
        {
            return [];
        }

        using ObservationFile file = ObservationFile.OpenForReading(_path);
        return file.ReadScopes();
    }

    /// <summary>Waits until what was added is in the file, or dropped.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (Interlocked.Read(ref _pending) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    public async IAsyncEnumerable<Observation> ReadAsync(ObservationFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _opened.Task.WaitAsync(cancellationToken);
        if (!File.Exists(_path))
        {
            yield break;
        }

        using ObservationFile file = ObservationFile.OpenForReading(_path);
        foreach (Observation observation in file.Read(filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return observation;
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } writer)
        {
            await writer.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    // Ends when the queue is complete and empty, not when the program is told to stop: what was seen is written.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using ObservationFile? file = Open();
        _opened.TrySetResult();
        var batch = new List<Item>(BatchedObservations);
        for (int batches = 0; await _queue.Reader.WaitToReadAsync(CancellationToken.None); batches++)
        {
            batch.Clear();
            while (batch.Count < BatchedObservations && _queue.Reader.TryRead(out Item item))
            {
                batch.Add(item);
            }

            Write(file, batch, trims: batches % BatchesBetweenTrims == 0);
        }
    }

    private void Write(ObservationFile? file, List<Item> batch, bool trims)
    {
        if (file is null)
        {
            Drop(batch.Count);
            return;
        }

        try
        {
            file.Add([.. batch.Select(item => item.Observation).OfType<Observation>()]);
            foreach (ScopeError error in batch.Select(item => item.Scope).OfType<ScopeError>())
            {
                file.Set(error);
            }

            Interlocked.Add(ref _pending, -batch.Count);
            if (trims)
            {
                file.Trim(_time.GetUtcNow() - _retention, _mostRows);
            }
        }
        catch (Exception exception)
        {
            Drop(batch.Count);
            Log.NotWritten(_logger, batch.Count, exception);
        }
    }

    private ObservationFile? Open()
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                ObservationFile file = ObservationFile.Open(_path);
                file.Trim(_time.GetUtcNow() - _retention, _mostRows);
                return file;
            }
            catch (Exception exception) when (isFirst && SqliteFile.IsDamage(exception))
            {
                Log.SetAside(_logger, _path, exception);
                TrySetAside();
            }
            catch (Exception exception)
            {
                Log.NotOpened(_logger, _path, exception);
                return null;
            }
        }
    }

    private void TrySetAside()
    {
        try
        {
            SqliteFile.SetAside(_path, _path + ".damaged");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Opening it again says why.
        }
    }

    private void Queue(Item item)
    {
        Interlocked.Increment(ref _pending);
        if (!_queue.Writer.TryWrite(item))
        {
            Drop(1);
        }
    }

    private void Drop(int count)
    {
        Interlocked.Add(ref _dropped, count);
        Interlocked.Add(ref _pending, -count);
    }

    private readonly record struct Item(Observation? Observation, ScopeError? Scope);

    private static partial class Log
    {
        [LoggerMessage(520, LogLevel.Warning, "{Count} observations of semantic hits were not written", EventName = "ObservationsNotWritten")]
        public static partial void NotWritten(ILogger logger, int count, Exception exception);

        [LoggerMessage(521, LogLevel.Warning, "{Path} is damaged: it is put aside and begun anew", EventName = "ObservationsSetAside")]
        public static partial void SetAside(ILogger logger, string path, Exception exception);

        [LoggerMessage(522, LogLevel.Error, "{Path} cannot be opened: what is observed of semantic hits is not kept", EventName = "ObservationsNotOpened")]
        public static partial void NotOpened(ILogger logger, string path, Exception exception);
    }
}
