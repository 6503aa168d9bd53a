namespace CacheProxy.Storage;

/// <summary>One thing for a file's writer to do, in the order in which it was asked for.</summary>
public abstract class FileWork<T> where T : FileTables
{
    /// <summary>Somebody waits for it: it is always taken, and nothing is collected beside it first.</summary>
    public virtual bool IsAwaited => false;

    /// <summary>It waits where the file cannot be used, in place of being given up.</summary>
    public virtual bool IsKept => false;

    /// <summary>Once it is committed: it goes on behind what else waits.</summary>
    public virtual bool HasMore => false;

    /// <summary>Inside the transaction of its batch; again where that failed.</summary>
    public abstract void Apply(T tables);

    /// <summary>The batch is in the file.</summary>
    public virtual void Committed()
    {
    }

    /// <summary>Nothing of it is in the file, nor will be.</summary>
    public virtual void Failed(Exception cause)
    {
    }
}
