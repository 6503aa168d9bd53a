using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Execution.Operators;

/// <summary>
/// An operator at one place of the graph. A session runs one step at a time, so a kernel may keep the current call's pointers in fields
/// for its tiles, which run on several threads.
/// </summary>
internal abstract unsafe class OperatorKernel
{
    private GCHandle _self;
    private Exception? _fault;

    /// <summary>What the runtime knows this kernel by.</summary>
    public nint Pin()
    {
        _self = GCHandle.Alloc(this);
        return GCHandle.ToIntPtr(_self);
    }

    public void Unpin() => _self.Free();

    /// <summary>Called once for each step.</summary>
    public abstract void Compute(OperatorContext context);

    /// <summary>One independent part of the work that <see cref="RunTiles"/> hands out.</summary>
    protected abstract void RunTile(int tile);

    protected void RunTiles(OperatorContext context, int count)
    {
        if (count == 1)
        {
            RunTile(0);
            return;
        }

        context.ParallelFor(&OnTile, count, GCHandle.ToIntPtr(_self));
        if (Interlocked.Exchange(ref _fault, null) is { } fault)
        {
            throw new InvalidOperationException(fault.Message, fault);
        }
    }

    /// <summary>An exception must not unwind through the runtime's frames: it is kept for the thread that started the tiles.</summary>
    [UnmanagedCallersOnly]
    private static void OnTile(void* state, nuint tile)
    {
        var kernel = (OperatorKernel)GCHandle.FromIntPtr((nint)state).Target!;
        try
        {
            kernel.RunTile((int)tile);
        }
        catch (Exception fault)
        {
            kernel._fault = fault;
        }
    }
}
