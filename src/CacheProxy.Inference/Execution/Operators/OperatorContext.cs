namespace CacheProxy.Inference.Execution.Operators;

/// <summary>One call of an operator: its tensors and the session's threads. Valid during the call only.</summary>
internal readonly unsafe struct OperatorContext(nint context)
{
    /// <summary>Data of an input, or null where an optional one is absent.</summary>
    public float* Input(int index) => OrtKernelApi.GetInput(context, index, out _);

    /// <summary>Data of an input [rows, columns] and its number of rows.</summary>
    public float* Input(int index, int columns, out int rows)
    {
        float* data = OrtKernelApi.GetInput(context, index, out nint value);
        rows = (int)(OrtKernelApi.CountElements(value) / columns);
        return data;
    }

    /// <summary>Sizes of an input's dimensions.</summary>
    public long[] Shape(int index)
    {
        _ = OrtKernelApi.GetInput(context, index, out nint value);
        return OrtKernelApi.GetShape(value);
    }

    /// <summary>The finishing step of a product whose sums [rows, blocks] and offsets are two optional inputs.</summary>
    public BlockOffsets Offsets(int sumsIndex, int rows)
    {
        float* sums = OrtKernelApi.GetInput(context, sumsIndex, out nint value);
        return sums is null ? default : new BlockOffsets(sums, Input(sumsIndex + 1), (int)(OrtKernelApi.CountElements(value) / rows));
    }

    /// <summary>Allocates the output [rows, columns].</summary>
    public float* Output(int index, int rows, int columns) => OrtKernelApi.GetOutput(context, index, rows, columns);

    public void ParallelFor(delegate* unmanaged<void*, nuint, void> tile, int count, nint state) => OrtKernelApi.ParallelFor(context, tile, count, state);
}
