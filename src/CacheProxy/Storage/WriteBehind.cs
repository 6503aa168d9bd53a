using Microsoft.Data.Sqlite;

namespace CacheProxy.Storage;

/// <summary>
/// Writes to a file behind the requests: one writer does what is added in order, a batch in a transaction. Nobody waits for the disk. What finds no
/// room is refused, what cannot be written is told so; the file is tried again every few seconds, also where nothing comes.
/// </summary>
public sealed class WriteBehind<T> : IDisposable where T : FileTables
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly KeptFile<T> _file;
    private readonly WriteLimits _limits;
    private readonly TimeProvider _time;
    private readonly Action<T> _writeBatch;
    private readonly Lock _lock = new();
    private readonly Queue<FileWork<T>> _waiting = new();
    private readonly List<FileWork<T>> _batch = [];
    private TaskCompletionSource _wake = NewSignal();
    private TaskCompletionSource _hurry = NewSignal();
    private Task _run = Task.CompletedTask;
    private bool _isComplete;

    public WriteBehind(KeptFile<T> file, WriteLimits limits, TimeProvider time)
    {
        (_file, _limits, _time) = (file, limits, time);
        _writeBatch = tables => tables.Write(() => _batch.ForEach(work => work.Apply(tables)));
    }

    /// <summary>The file as it is open now; null: it cannot be used.</summary>
    public T? Tables => _file.Current;

    /// <summary>Begins to write, in the background.</summary>
    public void Start() => _run = Task.Run(RunAsync);

    /// <returns>False: there is no room, or nobody writes any more. Nothing of it will be done.</returns>
    public bool TryAdd(FileWork<T> work)
    {
        lock (_lock)
        {
            if (_isComplete || (_waiting.Count >= _limits.Queued && !work.IsAwaited))
            {
                return false;
            }

            _waiting.Enqueue(work);
            _wake.TrySetResult();
            if (work.IsAwaited || _waiting.Count >= _limits.Queued / 4)
            {
                _hurry.TrySetResult();
            }

            return true;
        }
    }

    /// <summary>As above, where the work says itself that it was not done.</summary>
    public void Add(FileWork<T> work)
    {
        if (!TryAdd(work))
        {
            work.Failed(new IOException("The file's writer has no room, or has stopped."));
        }
    }

    /// <summary>Completes when what was added before is in the file, or cannot be written now.</summary>
    public Task SettleAsync(CancellationToken cancellationToken)
    {
        var settle = new Settle();
        Add(settle);
        return settle.Done.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what is left and closes the file; a disk that stalls is waited for until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isComplete = true;
            _wake.TrySetResult();
            _hurry.TrySetResult();
        }

        await _run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>As stopping, where nobody has: not for longer than a disk may stall.</summary>
    public void Dispose()
    {
        using var patience = new CancellationTokenSource(Patience);
        StopAsync(patience.Token).GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        while (await FillAsync())
        {
            // Who only waits for what was before needs no file.
            if (_batch is [Settle] || _file.TryUse(_writeBatch))
            {
                Commit();
            }
            else
            {
                GiveUp(_file.Cause!);
            }
        }

        _file.Dispose();
    }

    /// <summary>Waits for something to do. False: there will be nothing more.</summary>
    private async Task<bool> FillAsync()
    {
        await _wake.Task.WaitAsync(_file.IsFailing ? KeptFile<T>.RetryInterval : Timeout.InfiniteTimeSpan, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_limits.Collect > TimeSpan.Zero)
        {
            // Real time: it is the disk's pace. Pages that several of a batch touch are written once.
            await _hurry.Task.WaitAsync(_limits.Collect, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_lock)
        {
            // Beside what is kept: that may wait for long, and takes no room from others.
            for (int i = 0; i < _limits.Batched && _waiting.TryDequeue(out FileWork<T>? work); i++)
            {
                _batch.Add(work);
            }

            if (_waiting.Count == 0 && !_isComplete)
            {
                (_wake, _hurry) = (NewSignal(), NewSignal());
            }

            return !_isComplete || _batch.Count > 0;
        }
    }

    private void Commit()
    {
        FileWork<T>[] done = [.. _batch];
        _batch.Clear();
        foreach (FileWork<T> work in done)
        {
            work.Committed();
            if (work.HasMore)
            {
                lock (_lock)
                {
                    _waiting.Enqueue(work);
                    _wake.TrySetResult();
                    _hurry.TrySetResult();
                }
            }
        }
    }

    private void GiveUp(Exception cause)
    {
        // What is no fault of the file would be met again: one bad work must not hold up all that come after it.
        bool mayKeep = cause is SqliteException or IOException or UnauthorizedAccessException && !_isComplete;
        FileWork<T>[] failed = [.. _batch.Where(work => !mayKeep || !work.IsKept)];
        _batch.RemoveAll(work => !mayKeep || !work.IsKept);
        Array.ForEach(failed, work => work.Failed(cause));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Settle : FileWork<T>
    {
        private readonly TaskCompletionSource _done = NewSignal();

        public Task Done => _done.Task;

        public override bool IsAwaited => true;

        public override void Apply(T tables)
        {
        }

        public override void Committed() => _done.TrySetResult();

        public override void Failed(Exception cause) => Committed();
    }
}
