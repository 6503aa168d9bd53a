using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.SemanticCache.Index;

/// <summary>What is done to the questions' file.</summary>
internal abstract class QuestionWork : FileWork<QuestionFile>
{
    /// <summary>Brings what an earlier process left into memory. It waits for a file that cannot be used yet; the index works meanwhile.</summary>
    internal sealed class Load(DateTimeOffset now, Func<StoredQuestion, bool> insert, Action<int> loaded) : QuestionWork
    {
        private int _count;

        public override bool IsKept => true;

        public override void Apply(QuestionFile tables)
        {
            tables.Sweep(now);
            _count = tables.Read().Count(insert);
        }

        public override void Committed() => loaded(_count);
    }

    internal sealed class Upsert(IndexedQuestion question, ReadOnlyMemory<float> vector) : QuestionWork
    {
        public override void Apply(QuestionFile tables) => tables.Upsert(question, vector.Span);
    }

    internal sealed class Delete(Fingerprint256 partition, Fingerprint256 fingerprint) : QuestionWork
    {
        public override void Apply(QuestionFile tables) => tables.Delete(partition, fingerprint);
    }

    internal sealed class Forget(IReadOnlySet<Fingerprint256> fingerprints, Action<Forget> done) : QuestionWork
    {
        public override bool IsKept => true;

        public bool Covers(Fingerprint256 fingerprint) => fingerprints.Contains(fingerprint);

        public override void Apply(QuestionFile tables)
        {
            foreach (Fingerprint256 fingerprint in fingerprints)
            {
                tables.Delete(fingerprint);
            }
        }

        public override void Committed() => done(this);

        public override void Failed(Exception cause) => done(this);
    }

    /// <summary>Work that somebody waits for.</summary>
    internal abstract class Awaited<T> : QuestionWork
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Done => _completion.Task;

        protected T? Result { get; set; }

        public override bool IsAwaited => true;

        public override void Committed() => _completion.TrySetResult(Result!);

        public override void Failed(Exception cause) => _completion.TrySetException(new IOException("The questions' file cannot be used now.", cause));
    }

    internal sealed class CountStale : Awaited<long>
    {
        public override void Apply(QuestionFile tables) => Result = tables.CountStale();
    }

    internal sealed class ReadStale(long after, int count) : Awaited<IReadOnlyList<StaleQuestion>>
    {
        public override void Apply(QuestionFile tables) => Result = tables.ReadStale(after, count);
    }

    /// <summary>True: the question is searchable with its new vector.</summary>
    internal sealed class Replace(
        long id, IndexedQuestion question, ReadOnlyMemory<float> vector, MemoryVectorIndex memory, Func<Fingerprint256, bool> isForgotten) : Awaited<bool>
    {
        public override void Apply(QuestionFile tables) => Result = tables.Replace(id, question.Partition, vector.Span);

        public override void Committed()
        {
            if (Result && memory.TryInsert(question, vector.Span) && isForgotten(question.Fingerprint))
            {
                // Removed from memory before it came there, and from the file only after this.
                memory.Remove(question.Partition, question.Fingerprint);
                Result = false;
            }

            base.Committed();
        }
    }

    internal sealed class Drop(long id) : Awaited<bool>
    {
        public override void Apply(QuestionFile tables)
        {
            tables.Delete(id);
            Result = true;
        }
    }
}
