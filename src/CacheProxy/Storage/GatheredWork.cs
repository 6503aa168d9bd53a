namespace CacheProxy.Storage;

/// <summary>What is summed up until it is written. It waits for a file that cannot be used: two batches at most, so who adds to one keeps it bounded.</summary>
/// <param name="write">Inside a transaction.</param>
/// <param name="lost">A batch will never be written.</param>
public sealed class GatheredWork<T, TBatch>(WriteBehind<T> writer, Action<T, TBatch> write, Action<TBatch> lost) : FileWork<T>
    where T : FileTables
    where TBatch : class, new()
{
    private readonly Lock _lock = new();
    private TBatch? _next;
    private TBatch? _taken;
    private bool _isQueued;
    private bool _hasMore;

    public override bool IsKept => true;

    public override bool HasMore => _hasMore;

    /// <summary>Adds to what is written next. Returns at once; what is given is called alone.</summary>
    public TResult Add<TResult>(Func<TBatch, TResult> add)
    {
        lock (_lock)
        {
            return add(_next ??= new TBatch());
        }
    }

    /// <summary>Asks the writer for a turn, where there is something to write.</summary>
    public void Queue()
    {
        lock (_lock)
        {
            if (_isQueued || _next is null)
            {
                return;
            }

            _isQueued = true;
        }

        writer.Add(this);
    }

    public override void Apply(T tables)
    {
        lock (_lock)
        {
            if (_taken is null)
            {
                (_taken, _next) = (_next, null);
            }
        }

        if (_taken is not null)
        {
            write(tables, _taken);
        }
    }

    public override void Committed() => Take(isWritten: true);

    public override void Failed(Exception cause) => Take(isWritten: false);

    private void Take(bool isWritten)
    {
        TBatch? taken;
        lock (_lock)
        {
            // What was never applied is lost as well.
            taken = _taken ?? (isWritten ? null : _next);
            _next = ReferenceEquals(taken, _next) ? null : _next;
            _taken = null;
            _hasMore = _isQueued = isWritten && _next is not null;
        }

        if (!isWritten && taken is not null)
        {
            lost(taken);
        }
    }
}
