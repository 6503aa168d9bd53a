using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.Stores.Sqlite;

/// <summary>What is done to the entries' file. Nothing that a file refused is tried again later: an entry that is not stored costs one upstream call.</summary>
internal abstract class WriteOperation : FileWork<EntryWriter>
{
    /// <param name="sizeBytes">What it takes of the queue's room.</param>
    internal sealed class Set(WriteQueue queue, CacheEntry entry, int sizeBytes) : WriteOperation
    {
        private bool _isStored;

        public CacheEntry Entry => entry;

        public int SizeBytes => sizeBytes;

        public override void Apply(EntryWriter tables) => _isStored = tables.Set(entry, queue.Now);

        public override void Committed() => queue.Leave(this, _isStored);

        public override void Failed(Exception cause) => queue.Leave(this, isStored: false);
    }

    /// <summary>Notes that an entry was read.</summary>
    internal sealed class Touch(Fingerprint256 fingerprint, long lastUsed) : WriteOperation
    {
        public override void Apply(EntryWriter tables) => tables.Touch(fingerprint, lastUsed);
    }

    /// <summary>Deletes what is past its use: the rest comes behind what is waiting, so that a large sweep does not hold it up.</summary>
    internal sealed class Sweep(WriteQueue queue) : WriteOperation
    {
        private bool _hasMore;

        public override bool IsAwaited => true;

        public override bool HasMore => _hasMore;

        public override void Apply(EntryWriter tables) => _hasMore = tables.Sweep(queue.Now);
    }

    /// <summary>A reader met this error; the file is closed and opened anew, unless that has been done since.</summary>
    internal sealed class Report(EntryReaders source, Exception error) : WriteOperation
    {
        public override bool IsAwaited => true;

        public override void Apply(EntryWriter tables)
        {
            if (tables.Readers == source)
            {
                throw error;
            }
        }
    }

    /// <summary>Answers once it is committed.</summary>
    internal abstract class Awaited<T> : WriteOperation
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <exception cref="IOException">It could not be done.</exception>
        public Task<T> Done => _done.Task;

        public override bool IsAwaited => true;

        protected T? Result { get; set; }

        public override void Committed() => _done.TrySetResult(Result!);

        public override void Failed(Exception cause) => _done.TrySetException(new IOException("The file of entries could not be changed.", cause));
    }

    /// <summary>True when that very entry was there: it has the new tags.</summary>
    internal sealed class Retag(WriteQueue queue, CacheEntry entry, IReadOnlyList<string> tags) : Awaited<bool>
    {
        public override void Apply(EntryWriter tables) => Result = tables.Retag(entry, tags, queue.Now);
    }

    /// <summary>True when an entry was there.</summary>
    internal sealed class Remove(Fingerprint256 fingerprint) : Awaited<bool>
    {
        public override void Apply(EntryWriter tables) => Result = tables.Remove(fingerprint);
    }

    /// <summary>Removes what matches when its turn comes, in pieces between other writes; answers how many there were.</summary>
    internal sealed class RemoveMatching(EntrySelector selector, Action<Fingerprint256>? removed) : Awaited<long>
    {
        // A purge of everything goes on between other writes: those wait 100 ms, not for all of it.
        private const int RemovedAtOnce = 1000;

        private readonly List<Fingerprint256> _piece = [];
        private List<SelectedRow>? _rows;
        private int _next;

        public override bool HasMore => _next < _rows?.Count;

        public override void Apply(EntryWriter tables)
        {
            _rows ??= tables.Select(selector);
            _piece.Clear();
            foreach (SelectedRow row in _rows.Skip(_next).Take(RemovedAtOnce))
            {
                if (tables.Remove(row))
                {
                    _piece.Add(row.Fingerprint);
                }
            }
        }

        public override void Committed()
        {
            _next += RemovedAtOnce;
            Result += _piece.Count;
            _piece.ForEach(fingerprint => removed?.Invoke(fingerprint));
            if (!HasMore)
            {
                base.Committed();
            }
        }
    }
}
