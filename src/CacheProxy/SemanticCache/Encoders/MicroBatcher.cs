namespace CacheProxy.SemanticCache.Encoders;

/// <summary>
/// Runs what several requests ask of one model together. Nobody waits for company: with a worker free a request starts at once and alone;
/// while all are busy the others gather, and the next free worker takes them in the order of their coming. A caller that goes away takes
/// only itself along; one item that the model fails on fails alone.
/// </summary>
/// <typeparam name="TItem">What one request asks: one text, the pairs of one look-up.</typeparam>
/// <typeparam name="TResult">What it gets: one vector, the scores of its pairs.</typeparam>
public sealed class MicroBatcher<TItem, TResult> : IDisposable
{
    // Behind so many a new request would not be served within any budget; a stalled model must not gather them without end.
    private const int MaximumWaiting = 1024;

    // A native run whose model is disposed under it takes the process down: worth more patience than any run needs, even on a starved machine.
    private static readonly TimeSpan DrainTime = TimeSpan.FromMinutes(1);

    private readonly Func<IReadOnlyList<TItem>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> _run;
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _workers;
    private readonly int _maximumItems;
    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = new();
    private readonly ManualResetEventSlim _idle = new(initialState: true);
    private int _running;
    private bool _isDisposed;
    private long _batches;
    private long _items;

    /// <param name="run">One result for each item, in order. Called on the thread pool, at most <paramref name="workers"/> times at once; cancelled when this is disposed.</param>
    /// <param name="workers">Batches at once: more than there are cores would only share them.</param>
    /// <param name="maximumItems">Of one batch: bounds how long the first of them waits for the last.</param>
    public MicroBatcher(Func<IReadOnlyList<TItem>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> run, int workers, int maximumItems)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumItems, 1);
        _run = run;
        _workers = workers;
        _maximumItems = maximumItems;
    }

    /// <summary>After a failed run each of its items is run alone, so that only the one at fault fails. Off where a run costs money. Default on.</summary>
    public bool RetriesAlone { get; init; } = true;

    /// <summary>Runs of the model since the start.</summary>
    public long Batches => Interlocked.Read(ref _batches);

    /// <summary>Items in those runs.</summary>
    public long Items => Interlocked.Read(ref _items);

    /// <exception cref="InvalidOperationException">Too many wait already.</exception>
    /// <exception cref="ObjectDisposedException">It is being shut down.</exception>
    public Task<TResult> RunAsync(TItem item, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(cancellationToken);
        }

        var waiting = new Waiting(item);
        bool starts;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            MakeRoom_NeedsLock();
            _waiting.Enqueue(waiting);
            starts = _running < _workers;
            if (starts)
            {
                _running++;
                _idle.Reset();
            }
        }

        waiting.CancelWith(cancellationToken);
        if (starts)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.WorkAsync(), this, preferLocal: false);
        }

        return waiting.Result;
    }

    /// <summary>Refuses what comes, and waits for the runs under way: what they use is disposed next.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            while (_waiting.TryDequeue(out Waiting? waiting))
            {
                waiting.Fail(new ObjectDisposedException(GetType().Name));
            }
        }

        _stopping.Cancel();
        if (_idle.Wait(DrainTime))
        {
            _idle.Dispose();
            _stopping.Dispose();
        }
    }

    private void MakeRoom_NeedsLock()
    {
        if (_waiting.Count < MaximumWaiting)
        {
            return;
        }

        // Those whose callers have gone still stand in the queue.
        Waiting[] present = [.. _waiting.Where(waiting => !waiting.IsOver)];
        if (present.Length >= MaximumWaiting)
        {
            throw new InvalidOperationException($"{present.Length} requests wait for the model already.");
        }

        _waiting.Clear();
        Array.ForEach(present, _waiting.Enqueue);
    }

    private async Task WorkAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            await RunBatchAsync(batch);
        }
    }

    private List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        lock (_lock)
        {
            while (batch.Count < _maximumItems && _waiting.TryDequeue(out Waiting? waiting))
            {
                if (!waiting.IsOver)
                {
                    batch.Add(waiting);
                }
            }

            if (batch.Count == 0 && --_running == 0)
            {
                _idle.Set();
            }
        }

        return batch;
    }

    private async Task RunBatchAsync(List<Waiting> batch)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _items, batch.Count);
        try
        {
            IReadOnlyList<TResult> results = await _run([.. batch.Select(waiting => waiting.Item)], _stopping.Token);
            if (results.Count != batch.Count)
            {
                throw new InvalidOperationException($"The model gave {results.Count} results for {batch.Count} items.");
            }

            for (int i = 0; i < batch.Count; i++)
            {
                batch[i].Complete(results[i]);
            }
        }
        catch (Exception exception) when (batch.Count == 1 || !RetriesAlone)
        {
            batch.ForEach(waiting => waiting.Fail(exception));
        }
        catch (Exception)
        {
            // Whose fault it was shows when each runs alone.
            foreach (Waiting waiting in batch)
            {
                await RunBatchAsync([waiting]);
            }
        }
    }

    private sealed class Waiting(TItem item)
    {
        private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationTokenRegistration _cancellation;

        public TItem Item => item;

        public Task<TResult> Result => _completion.Task;

        public bool IsOver => _completion.Task.IsCompleted;

        public void CancelWith(CancellationToken cancellationToken)
        {
            if (cancellationToken.CanBeCanceled)
            {
                _cancellation = cancellationToken.UnsafeRegister(
                    static (self, token) => ((Waiting)self!)._completion.TrySetCanceled(token), this);
                if (IsOver)
                {
                    _cancellation.Unregister();
                }
            }
        }

        public void Complete(TResult result)
        {
            _completion.TrySetResult(result);
            _cancellation.Unregister();
        }

        public void Fail(Exception exception)
        {
            _completion.TrySetException(exception);
            _cancellation.Unregister();

            // Its caller may have gone: nobody is left to look at the error.
            _ = _completion.Task.Exception;
        }
    }
}
