using System.Collections.Concurrent;
using System.Diagnostics;

namespace CacheProxy.Inference.Tiers;

/// <summary>The thread that reads and writes the disk tier's files: reads before writes, each in order. Owns the files.</summary>
internal sealed class DiskThread : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private readonly DiskFiles _files;
    private readonly TimeSpan _endLimit;
    private readonly Lock _gate = new();
    private readonly Queue<DiskJob> _reads = new();
    private readonly Queue<DiskJob> _writes = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly AutoResetEvent _finished = new(false);
    private readonly Thread _thread;
    private int _unfinishedWrites;

    /// <param name="endLimit">How long disposing waits for what was handed over; null: 10 s.</param>
    public DiskThread(DiskFiles files, TimeSpan? endLimit = null)
    {
        (_files, _endLimit) = (files, endLimit ?? LongestEnd);
        _thread = new Thread(Run) { Name = "KV disk tier", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Jobs done, for the engine thread to take.</summary>
    public ConcurrentQueue<DiskJob> Done { get; } = new();

    /// <summary>Writes handed over and not yet through.</summary>
    public int UnfinishedWrites => Volatile.Read(ref _unfinishedWrites);

    public void Read(DiskRead job) => Add(_reads, job);

    public void Write(DiskJob job)
    {
        Interlocked.Increment(ref _unfinishedWrites);
        Add(_writes, job);
    }

    /// <summary>Waits until some job is done, or the time is over.</summary>
    public void WaitForDone(TimeSpan timeout) => _finished.WaitOne(timeout);

    /// <summary>
    /// Does what was handed over, then ends. A disk that hangs is left behind after a while, with the thread that waits for it and the
    /// buffers of its jobs, so that the engine can end.
    /// </summary>
    public void Dispose()
    {
        _work.Release();
        if (!_thread.Join(_endLimit))
        {
            lock (_gate)
            {
                _reads.Clear();
                _writes.Clear();
            }

            return;
        }

        _work.Dispose();
        _finished.Dispose();
    }

    private void Add(Queue<DiskJob> queue, DiskJob job)
    {
        lock (_gate)
        {
            queue.Enqueue(job);
        }

        _work.Release();
    }

    private void Run()
    {
        using DiskFiles files = _files;
        while (true)
        {
            _work.Wait();
            DiskJob? job;
            bool isWrite = false;
            lock (_gate)
            {
                // A count without a job is the end: every job has a count of its own.
                if (!_reads.TryDequeue(out job) && !(isWrite = _writes.TryDequeue(out job)))
                {
                    return;
                }
            }

            long start = Stopwatch.GetTimestamp();
            try
            {
                job!.Run(files);
            }
            catch (Exception failure)
            {
                job!.Failure = failure;
            }

            job!.Elapsed = Stopwatch.GetElapsedTime(start);
            Done.Enqueue(job);
            Interlocked.Add(ref _unfinishedWrites, isWrite ? -1 : 0);
            _finished.Set();
        }
    }
}
