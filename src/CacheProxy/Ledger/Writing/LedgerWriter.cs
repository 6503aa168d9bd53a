using CacheProxy.Ledger.Files;
using CacheProxy.Storage;
using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// The ledger: requests leave their rows in a ring, a thread of its own writes them every half second. What comes faster than
/// <see cref="LedgerOptions.RowsPerSecond"/> is merged; so is what finds the ring full, and what a file that cannot be used keeps waiting.
/// </summary>
public sealed partial class LedgerWriter : ILedger, IHostedService, IDisposable, RowRing.ITaker
{
    // 16,384 rows are 7 MB, of which hits use 0.7, and what comes in 0.3 s at 50,000 requests a second.
    private const int RingRows = 16_384;
    private const int HurryEvery = RingRows / 8;

    // They hold what nothing can bring back.
    private const int MostAside = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);

    private readonly RowRing _ring = new(RingRows);
    private readonly Lock _takeLock = new();
    private readonly List<RowTally> _tallies = [];
    private readonly Lock _overflowLock = new();
    private readonly KeptFile<LedgerTables> _file;
    private readonly IOptionsMonitor<LedgerOptions> _options;
    private readonly LedgerObservers _observers;
    private readonly RowBudget _budget;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    // No semaphore: those spin before they wait, which with two wake-ups a second and a busy proxy is 1 % of a core.
    private readonly AutoResetEvent _wake = new(false);
    private readonly Lock _settleLock = new();
    private readonly Action<LedgerTables> _writeBatch;
    private LedgerBatch _overflow = new(0);
    private LedgerBatch _filling = new(LedgerBatch.UsualRows);
    private LedgerBatch _writing = new(LedgerBatch.UsualRows);
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _keeps;
    private long? _trimmedAt;
    private long _caughtUpAt;
    private long _written;
    private long _merged;
    private long _lost;
    private volatile bool _holdsRows;
    private volatile bool _isStopping;
    private bool _isStarted;

    /// <param name="folder">Of the file <c>ledger.db</c>.</param>
    public LedgerWriter(string folder, IOptionsMonitor<LedgerOptions> options, IEnumerable<ILedgerObserver> observers, TimeProvider time, ILogger<LedgerWriter> logger)
    {
        string path = Path.Combine(folder, LedgerFile.FileName);
        (_options, _time, _logger, _writeBatch) = (options, time, logger, tables => tables.Write(_writing));
        _observers = new LedgerObservers(observers, logger);
        _budget = new RowBudget(options.CurrentValue.RowsPerSecond, time);
        _file = new KeptFile<LedgerTables>(path, () => new LedgerTables(path), "single requests are merged, and their sums kept in memory", time, logger, MostAside);
        _caughtUpAt = time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger" };
    }

    public bool IsWanted => _observers.Any || _options.CurrentValue.Enabled;

    public int Queued => _ring.Count;

    public double LagSeconds => _ring.Count > 0 || _holdsRows ? _time.GetElapsedTime(Interlocked.Read(ref _caughtUpAt)).TotalSeconds : 0;

    public long Written => Interlocked.Read(ref _written);

    public long Merged => Interlocked.Read(ref _merged);

    public long Lost => Interlocked.Read(ref _lost);

    public long ObserverFaults => _observers.Faults;

    public IFileHealth Health => _file;

    /// <summary>The file cannot be used at present.</summary>
    public bool IsFailing => _file.IsFailing;

    public void Add(in LedgerRow row)
    {
        if (_ring.TryAdd(row, out long place))
        {
            Hurry(place);
        }
        else
        {
            Overflow(row);
        }

        _observers.Show(row, isLive: true);
    }

    public void Add(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds)
    {
        if (_ring.TryAdd(row, time, firstByteSeconds, totalSeconds, out long place))
        {
            Hurry(place);
        }
        else
        {
            Overflow(row.At(time, firstByteSeconds, totalSeconds));
        }

        if (_observers.IsLive)
        {
            _observers.Show(row.At(time, firstByteSeconds, totalSeconds), isLive: true);
        }
    }

    public void Drain()
    {
        // Nobody holds it for longer than the ring takes to be emptied; a scrape is not to wait for what should not be.
        if (_takeLock.TryEnter(Patience))
        {
            try
            {
                Take_NeedsTakeLock();
            }
            finally
            {
                _takeLock.Exit();
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

        if (_isStopping || !_isStarted)
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
            TellLost();
            _file.Dispose();
            _wake.Dispose();
        }
    }

    private void TellLost()
    {
        if (_holdsRows)
        {
            Interlocked.Exchange(ref _lost, _writing.Sums.Values.Sum(sum => sum.Requests + sum.BackgroundCalls));
            Log.Lost(_logger, _lost);
        }
    }

    private void Hurry(long place)
    {
        if (place % HurryEvery == HurryEvery - 1)
        {
            _wake.Set();
        }
    }

    private void Overflow(in LedgerRow row)
    {
        _observers.Show(row, isLive: false);
        if (_options.CurrentValue.Enabled)
        {
            Interlocked.Add(ref _merged, row.Requests);
            lock (_overflowLock)
            {
                _overflow.Add(row, apart: false);
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
        do
        {
            lock (_takeLock)
            {
                Take_NeedsTakeLock();
                Turn_NeedsTakeLock();
            }

            WriteBatch();
        }
        while (_ring.Count > RingRows / 4);

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

    private void Take_NeedsTakeLock()
    {
        _keeps = _options.CurrentValue.Enabled;
        _budget.Refill(_options.CurrentValue.RowsPerSecond);
        _ring.Take(RingRows, this);
        TakeTallies();
        TakeOverflow();
        _holdsRows |= !_filling.IsEmpty;
    }

    // What could not be written goes first; what came since joins it.
    private void Turn_NeedsTakeLock()
    {
        if (_writing.IsEmpty)
        {
            (_filling, _writing) = (_writing, _filling);
            return;
        }

        _writing.Add(_filling);
        _filling.Clear();
    }

    private void WriteBatch()
    {
        if (_writing.IsEmpty)
        {
            return;
        }

        if (!_file.TryUse(_writeBatch))
        {
            Interlocked.Add(ref _merged, _writing.Rows.Count);
            _writing.MergeRows();
            return;
        }

        Interlocked.Add(ref _written, _writing.Rows.Count + _writing.MergedRows);
        _writing.Clear();
        lock (_takeLock)
        {
            _holdsRows = !_filling.IsEmpty;
        }
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

        _filling.Add(overflow);
    }

    void RowRing.ITaker.Take(in LedgerRow row)
    {
        _observers.Show(row, isLive: false);
        if (_keeps)
        {
            bool apart = _budget.TrySpend(row);
            Interlocked.Add(ref _merged, apart ? 0 : row.Requests);
            _filling.Add(row, apart);
        }
    }

    void RowRing.ITaker.Take(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds)
    {
        RowTally tally = row.Tally ??= new RowTally(row);
        if (tally.Requests == 0)
        {
            _tallies.Add(tally);
        }

        bool apart = _keeps && _budget.TrySpend(row.Row);
        tally.Add(time, firstByteSeconds, totalSeconds, apart);
        if (apart)
        {
            _filling.Rows.Add(row.At(time, firstByteSeconds, totalSeconds));
        }
    }

    private void TakeTallies()
    {
        foreach (RowTally tally in _tallies)
        {
            LedgerRow all = tally.RowOfAll();
            _observers.Show(all, isLive: false);
            if (_keeps)
            {
                Interlocked.Add(ref _merged, tally.Merged);
                _filling.Add(tally, all);
            }

            tally.Clear();
        }

        _tallies.Clear();
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
        [LoggerMessage(1204, LogLevel.Error, "What {Requests} requests and calls paid and saved is lost: the ledger could not be written until the end", EventName = "LedgerLost")]
        public static partial void Lost(ILogger logger, long requests);
    }
}
