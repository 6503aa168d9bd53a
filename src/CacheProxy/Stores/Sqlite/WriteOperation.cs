using CacheProxy.Exchange;

namespace CacheProxy.Stores.Sqlite;

/// <summary>One thing for the writer to do, in the order that it was asked for.</summary>
internal abstract record WriteOperation
{
    private WriteOperation() { }

    /// <param name="SizeBytes">What it takes of the queue's room.</param>
    public sealed record Set(CacheEntry Entry, int SizeBytes) : WriteOperation;

    /// <summary>Answers true when that very entry was there, once its new tags are committed.</summary>
    public sealed record Retag(CacheEntry Entry, IReadOnlyList<string> Tags) : WriteOperation
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Notes that an entry was read.</summary>
    public sealed record Touch(Fingerprint256 Fingerprint, long LastUsed) : WriteOperation;

    /// <summary>Answers true when an entry was there, once that is committed.</summary>
    public sealed record Remove(Fingerprint256 Fingerprint) : WriteOperation
    {
        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Removes what matches when its turn comes, in pieces between other writes; answers how many there were, once that is committed.</summary>
    public sealed record RemoveMatching(EntrySelector Selector, Action<Fingerprint256>? Removed) : WriteOperation
    {
        public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null: not begun.</summary>
        public List<SelectedRow>? Rows { get; set; }

        /// <summary>How many of the rows are done.</summary>
        public int Next { get; set; }

        public long Count { get; set; }
    }

    /// <summary>Answers when everything before it is committed.</summary>
    public sealed record Flush : WriteOperation
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Deletes what is past its use.</summary>
    public sealed record Sweep : WriteOperation;

    /// <summary>A reader met this error; the writer closes the file and begins anew, unless it has done so since.</summary>
    public sealed record Report(EntryReaders Source, Exception Error) : WriteOperation;
}
