using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>One thing that the file's writer does, in the order in which it was asked.</summary>
internal abstract class FileWork
{
    /// <summary>Inside the transaction of its batch.</summary>
    public abstract void Apply(QuestionFile file);

    /// <summary>The batch is in the file.</summary>
    public virtual void Committed(MemoryVectorIndex memory)
    {
    }

    /// <summary>It was not done and will not be.</summary>
    public virtual void Failed()
    {
    }

    internal sealed class Upsert(IndexedQuestion question, ReadOnlyMemory<float> vector) : FileWork
    {
        public override void Apply(QuestionFile file) => file.Upsert(question, vector.Span);
    }

    internal sealed class Delete(Fingerprint256 partition, Fingerprint256 fingerprint) : FileWork
    {
        public override void Apply(QuestionFile file) => file.Delete(partition, fingerprint);
    }

    internal sealed class Forget(IReadOnlySet<Fingerprint256> fingerprints, Action<Forget> done) : FileWork
    {
        public bool Covers(Fingerprint256 fingerprint) => fingerprints.Contains(fingerprint);

        public override void Apply(QuestionFile file)
        {
            foreach (Fingerprint256 fingerprint in fingerprints)
            {
                file.Delete(fingerprint);
            }
        }

        public override void Committed(MemoryVectorIndex memory) => done(this);

        public override void Failed() => done(this);
    }

    /// <summary>Work that somebody waits for.</summary>
    internal abstract class Awaited<T> : FileWork
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Done => _completion.Task;

        protected T? Result { get; set; }

        public override void Committed(MemoryVectorIndex memory) => _completion.TrySetResult(Result!);

        public override void Failed() => _completion.TrySetException(new IOException("The questions' file cannot be used now."));
    }

    internal sealed class CountStale : Awaited<long>
    {
        public override void Apply(QuestionFile file) => Result = file.CountStale();
    }

    internal sealed class ReadStale(long after, int count) : Awaited<IReadOnlyList<StaleQuestion>>
    {
        public override void Apply(QuestionFile file) => Result = file.ReadStale(after, count);
    }

    /// <summary>True: the question is searchable with its new vector.</summary>
    internal sealed class Replace(long id, IndexedQuestion question, ReadOnlyMemory<float> vector, Func<Fingerprint256, bool> isForgotten) : Awaited<bool>
    {
        public override void Apply(QuestionFile file) => Result = file.Replace(id, question.Partition, vector.Span);

        public override void Committed(MemoryVectorIndex memory)
        {
            if (Result && memory.TryInsert(question, vector.Span) && isForgotten(question.Fingerprint))
            {
                // Removed from memory before it came there, and from the file only after this.
                memory.Remove(question.Partition, question.Fingerprint);
                Result = false;
            }

            base.Committed(memory);
        }
    }

    internal sealed class Drop(long id) : Awaited<bool>
    {
        public override void Apply(QuestionFile file)
        {
            file.Delete(id);
            Result = true;
        }
    }
}
