using CacheProxy.Ledger.Files;
using CacheProxy.Storage;
using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// The ledger: requests leave their rows in a ring, a thread of its own writes them every half second. What comes faster than
/// <see cref="LedgerOptions.RowsPerSecond"/> is merged; so is what finds the ring full, and what a file that cannot be used keeps waiting.
/// </summary>
public sealed partial class LedgerWriter : ILedger, IHostedService, IDisposable
{
    // 16,384 rows are 6 MB, and what comes in 0.3 s at 50,000 requests a second.
    private const int RingRows = 16_384;
    private const int HurryEvery = RingRows / 8;

    // They hold what nothing can bring back.
    private const int MostAside = 5;

    // A hit says little; the last quarter of the budget is for what was paid, refused or compared.
    private const double ReservedShare = 0.25;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);

    private readonly RowRing _ring = new(RingRows);
    private readonly LedgerBatch _batch = new(LedgerBatch.MostRows);
    private readonly Lock _overflowLock = new();
    private readonly KeptFile<LedgerTables> _file;
    private readonly IOptionsMonitor<LedgerOptions> _options;
    private readonly ILedgerObserver[] _observers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    // No semaphore: those spin before they wait, which with two wake-ups a second and a busy proxy is 1 % of a core.
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _settleLock = new();
    private readonly RowRing.Taker _take;
    private readonly Action<LedgerTables> _writeBatch;
    private LedgerBatch _overflow = new(0);
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double _budget;
    private long _budgetAt;
    private long? _trimmedAt;
    private long _caughtUpAt;
    private long _written;
    private long _merged;
    private long _lost;
    private long _observerFaults;
    private volatile bool _holdsRows;
    private volatile bool _isStopping;
    private bool _isStarted;

    /// <param name="folder">Of the file <c>ledger.db</c>.</param>
    public LedgerWriter(string folder, IOptionsMonitor<LedgerOptions> options, IEnumerable<ILedgerObserver> observers, TimeProvider time, ILogger<LedgerWriter> logger)
    {
        string path = Path.Combine(folder, LedgerFile.FileName);
        (_options, _observers, _time, _logger, _take, _writeBatch) = (options, [.. observers], time, logger, Take, tables => tables.Write(_batch));
        _file = new KeptFile<LedgerTables>(path, () => new LedgerTables(path), "single requests are merged, and their sums kept in memory", time, logger, MostAside);
        _caughtUpAt = _budgetAt = time.GetTimestamp();
        _budget = options.CurrentValue.RowsPerSecond;
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger" };
    }

    public bool IsWanted => _observers.Length > 0 || _options.CurrentValue.Enabled;

    public int Queued => _ring.Count;

    public double LagSeconds => _ring.Count > 0 || _holdsRows ? _time.GetElapsedTime(Interlocked.Read(ref _caughtUpAt)).TotalSeconds : 0;

    public long Written => Interlocked.Read(ref _written);

    public long Merged => Interlocked.Read(ref _merged);

    public long Lost => Interlocked.Read(ref _lost);

    public long ObserverFaults => Interlocked.Read(ref _observerFaults);

    public IFileHealth Health => _file;

    /// <summary>The file cannot be used at present.</summary>
    public bool IsFailing => _file.IsFailing;

    public void Add(in LedgerRow row)
    {
        if (_options.CurrentValue.Enabled)
        {
            Queue(row);
        }

        foreach (ILedgerObserver observer in _observers)
        {
            try
            {
                observer.OnAdded(row);
            }
            catch (Exception exception)
            {
                Fail(observer, exception);
            }
        }
    }

    /// <summary>Completes when what was added before is in the file, or cannot be written now.</summary>
    public Task SettleAsync(CancellationToken cancellationToken)
    {
        Task settled;
        lock (_settleLock)
        {
            settled = _settled.Task;
        }

        if (_isStopping)
        {
            return Task.CompletedTask;
        }

        _wake.Set();
        return settled.WaitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Writes what is left.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        _wake.Set();
        if (_isStarted)
        {
            await Task.Run(_thread.Join, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Writes what is left, also where nobody has stopped it before.</summary>
    public void Dispose()
    {
        if (!_isStarted)
        {
            return;
        }

        _isStarted = false;
        _isStopping = true;
        _wake.Set();
        if (_thread.Join(Patience))
        {
            // A flight may have ended since it was stopped.
            Write(isLast: true);
            _file.Dispose();
            _wake.Dispose();
        }
    }

    private void Fail(ILedgerObserver observer, Exception exception)
    {
        // What one cannot stand the next row has too: it is said once.
        if (Interlocked.Increment(ref _observerFaults) == 1)
        {
            Log.ObserverFailed(_logger, observer.GetType().Name, exception);
        }
    }

    private void Queue(in LedgerRow row)
    {
        if (_ring.TryAdd(row, out long place))
        {
            if (place % HurryEvery == HurryEvery - 1)
            {
                _wake.Set();
            }

            return;
        }

        Interlocked.Add(ref _merged, row.Requests);
        lock (_overflowLock)
        {
            if (!_overflow.TryAdd(row, apart: false))
            {
                Interlocked.Add(ref _lost, row.Requests);
            }
        }
    }

    private void Run()
    {
        while (!_isStopping)
        {
            _wake.WaitOne(Interval);
            Write(isLast: false);
        }

        Write(isLast: true);
    }

    private void Write(bool isLast)
    {
        TaskCompletionSource settled;
        lock (_settleLock)
        {
            (settled, _settled) = (_settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        long began = _time.GetTimestamp();
        bool isFull;
        do
        {
            Refill();
            isFull = _ring.Take(LedgerBatch.MostRows, _take) == LedgerBatch.MostRows;
            TakeOverflow();
            WriteBatch();
        }
        while (isFull);

        if (!_holdsRows)
        {
            // What came since is younger.
            Interlocked.Exchange(ref _caughtUpAt, began);
        }

        if (!isLast)
        {
            Trim();
        }

        settled.TrySetResult();
    }

    private void WriteBatch()
    {
        _holdsRows = !_batch.IsEmpty;
        if (!_holdsRows)
        {
            return;
        }

        if (_file.TryUse(_writeBatch))
        {
            Interlocked.Add(ref _written, _batch.Rows.Count + _batch.MergedRows);
            _batch.Clear();
            _holdsRows = false;
            return;
        }

        Interlocked.Add(ref _merged, _batch.Rows.Count);
        _batch.MergeRows();
    }

    private void TakeOverflow()
    {
        LedgerBatch overflow;
        lock (_overflowLock)
        {
            if (_overflow.IsEmpty)
            {
                return;
            }

            (overflow, _overflow) = (_overflow, new LedgerBatch(0));
        }

        _batch.Add(overflow);
    }

    private void Take(in LedgerRow row)
    {
        bool isPlain = row is { Outcome: Exchange.CacheOutcome.Exact, Status: 200 };
        bool apart = _budget >= (isPlain ? 1 + (ReservedShare * _options.CurrentValue.RowsPerSecond) : 1);
        if (apart)
        {
            _budget--;
        }
        else
        {
            Interlocked.Add(ref _merged, row.Requests);
        }

        if (!_batch.TryAdd(row, apart))
        {
            Interlocked.Add(ref _lost, row.Requests);
        }
    }

    private void Refill()
    {
        int rate = _options.CurrentValue.RowsPerSecond;
        long now = _time.GetTimestamp();
        _budget = Math.Min(rate, _budget + (rate * _time.GetElapsedTime(_budgetAt, now).TotalSeconds));
        _budgetAt = now;
    }

    private void Trim()
    {
        if (_trimmedAt is { } then && _time.GetElapsedTime(then) < TrimInterval)
        {
            return;
        }

        bool hasMore = false;
        if (!_options.CurrentValue.Enabled || !_file.TryUse(tables => hasMore = tables.Trimmer.Trim(_time.GetUtcNow(), _options.CurrentValue)) || !hasMore)
        {
            _trimmedAt = _time.GetTimestamp();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1203, LogLevel.Error, "{Observer} failed on a row of the ledger: what it keeps of it is missing there, the row is not. Further failures are only counted", EventName = "LedgerObserverFailed")]
        public static partial void ObserverFailed(ILogger logger, string observer, Exception exception);
    }
}
