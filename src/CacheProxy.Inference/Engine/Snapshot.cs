namespace CacheProxy.Inference.Engine;

/// <summary>A struct that one thread replaces and any thread reads whole: a sequence lock, so that writing per step costs no allocation and never waits.</summary>
internal sealed class Snapshot<T>
    where T : struct
{
    private T _value;
    private int _version;

    /// <summary>One thread only.</summary>
    public void Write(in T value)
    {
        Interlocked.Increment(ref _version);
        _value = value;
        Interlocked.Increment(ref _version);
    }

    public T Read()
    {
        SpinWait spin = default;
        while (true)
        {
            int before = Volatile.Read(ref _version);
            T value = _value;
            Interlocked.MemoryBarrier();
            if (before == Volatile.Read(ref _version) && (before & 1) == 0)
            {
                return value;
            }

            spin.SpinOnce();
        }
    }
}
