using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>
/// A step's small inputs, laid out once for the largest step in one run of memory on both sides, so that a step costs one copy and
/// its tensors always lie at the same addresses (a recorded launch needs that).
/// </summary>
internal sealed unsafe class StepInputs : IDisposable
{
    private const int Alignment = 256;

    private readonly IDevice _device;
    private readonly NativeBuffer _host;
    private readonly DeviceBuffer _memory;
    private readonly int _blockSize;
    private readonly long[] _offsets = new long[6];

    public StepInputs(IDevice device, int maxTokens, int maxBlocks, int blockSize)
    {
        _device = device;
        _blockSize = blockSize;
        MaxTokens = maxTokens;
        long end = 0;
        Place(0, sizeof(long) * maxTokens);
        Place(1, sizeof(long) * maxTokens);
        Place(2, sizeof(int) * (maxTokens + 1));
        Place(3, sizeof(int) * maxTokens);
        Place(4, sizeof(int) * maxTokens);
        Place(5, sizeof(int) * (long)maxTokens * maxBlocks);
        _host = new NativeBuffer(end);
        _memory = new DeviceBuffer(device, end);

        void Place(int index, long bytes)
        {
            _offsets[index] = end;
            end += (bytes + Alignment - 1) & -Alignment;
        }
    }

    public int MaxTokens { get; }

    /// <summary>Device addresses. Tokens [T] int64.</summary>
    public nint Tokens => _memory.Address + (nint)_offsets[0];

    /// <summary>[rows] int64.</summary>
    public nint LogitRows => _memory.Address + (nint)_offsets[1];

    /// <summary>[sequences + 1] int32: first packed row of each sequence, then the number of rows.</summary>
    public nint CumulativeLengths => _memory.Address + (nint)_offsets[2];

    /// <summary>[sequences] int32: tokens of each that are in the pool.</summary>
    public nint PastLengths => _memory.Address + (nint)_offsets[3];

    /// <summary>[T] int32: where each token's key and value go, block * block size + place; -1: nowhere.</summary>
    public nint Slots => _memory.Address + (nint)_offsets[4];

    /// <summary>[sequences, table width] int32.</summary>
    public nint BlockTable => _memory.Address + (nint)_offsets[5];

    /// <summary>Writes a step's inputs and copies them to the device. Padding rows are token 0 at position 0 of a sequence that writes nowhere.</summary>
    public void Write(StepBatch batch, in StepShape shape)
    {
        long* tokens = (long*)(_host.Bytes + _offsets[0]), rows = (long*)(_host.Bytes + _offsets[1]);
        int* cumulative = (int*)(_host.Bytes + _offsets[2]), past = (int*)(_host.Bytes + _offsets[3]);
        int* slots = (int*)(_host.Bytes + _offsets[4]), table = (int*)(_host.Bytes + _offsets[5]);
        for (int i = 0; i < batch.TokenCount; i++)
        {
            tokens[i] = batch.TokenIds[i];
        }

        // Pure prompt chunks want no logits, but the graph wants a row: the first is as good as any.
        rows[0] = 0;
        for (int i = 0; i < batch.LogitRowCount; i++)
        {
            rows[i] = batch.LogitRows[i];
        }

        int sequence = 0;
        foreach (SequenceSlice slice in batch.Sequences)
        {
            cumulative[sequence] = slice.FirstRow;
            past[sequence] = slice.Start;
            WriteBlocks(slice, table + ((long)sequence * shape.TableWidth), slots, shape.TableWidth);
            sequence++;
        }

        for (; sequence < shape.Sequences; sequence++)
        {
            // Only decoding steps are padded, so row and sequence are the same number.
            (tokens[sequence], rows[sequence], cumulative[sequence], past[sequence], slots[sequence]) = (0, sequence, sequence, 0, -1);
            new Span<int>(table + ((long)sequence * shape.TableWidth), shape.TableWidth).Clear();
        }

        cumulative[shape.Sequences] = shape.Tokens;
        _device.Upload(_memory.Address, _host.Bytes, _offsets[5] + ((long)shape.Sequences * shape.TableWidth * sizeof(int)));
    }

    public void Dispose()
    {
        _host.Dispose();
        _memory.Dispose();
    }

    private void WriteBlocks(SequenceSlice slice, int* table, int* slots, int width)
    {
        int end = slice.Start + slice.Length, used = (end + _blockSize - 1) / _blockSize;
        slice.BlockTable.AsSpan(0, used).CopyTo(new Span<int>(table, width));
        new Span<int>(table + used, width - used).Clear();
        for (int row = slice.FirstRow, position = slice.Start; position < end; row++, position++)
        {
            slots[row] = (slice.BlockTable[position / _blockSize] * _blockSize) + (position % _blockSize);
        }
    }
}
