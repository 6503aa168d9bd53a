using System.Collections.Concurrent;
using System.Diagnostics;

namespace CacheProxy.Inference.Tiers;

/// <summary>The thread that reads and writes the disk tier's files: reads before writes, each in order. Owns the files.</summary>
internal sealed class DiskThread : IDisposable
{
    private readonly DiskFiles _files;
    private readonly Lock _gate = new();
    private readonly Queue<DiskJob> _reads = new();
    private readonly Queue<DiskJob> _writes = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly AutoResetEvent _finished = new(false);
    private readonly Thread _thread;
    private int _unfinishedWrites;

    public DiskThread(DiskFiles files)
    {
        _files = files;
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

    /// <summary>Does what was handed over, then ends.</summary>
    public void Dispose()
    {
        _work.Release();
        _thread.Join();
        _files.Dispose();
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
                job!.Run(_files);
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
