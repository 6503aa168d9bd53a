using System.Buffers;

namespace CacheProxy.Embeddings;

/// <summary>
/// Bytes of one answer, written without knowing how many there will be. Up to 1 MiB they leave in one write with their length; beyond it
/// they leave in pieces of that size, so that a large batch never lies in memory twice.
/// </summary>
internal sealed class AnswerBuffer(HttpResponse response) : IBufferWriter<byte>, IDisposable
{
    private const int PieceBytes = 1 << 20;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _length;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(1, sizeHint));
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Sends a piece when it is full.</summary>
    public ValueTask SendFullAsync(CancellationToken cancellationToken)
        => _length < PieceBytes ? ValueTask.CompletedTask : SendAsync(cancellationToken);

    /// <summary>Sends the rest.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentLength = _length;
        }

        return SendAsync(cancellationToken);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(_bytes.AsMemory(0, _length), cancellationToken);
        _length = 0;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - _length >= more)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _length + more));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
