using System.Net;

namespace CacheProxy.Forward;

/// <summary>An answer's body that breaks off where the next byte does not come in time.</summary>
internal sealed class TimedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;

    public TimedContent(HttpContent inner, TimeSpan limit, TimeProvider clock)
    {
        (_inner, _limit, _clock) = (inner, limit, clock);
        foreach (var header in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() => new TimedStream(await _inner.ReadAsStreamAsync(), _limit, _clock);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("It is read, never written.");

    protected override bool TryComputeLength(out long length)
    {
        length = _inner.Headers.ContentLength ?? 0;
        return _inner.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class TimedStream(Stream inner, TimeSpan limit, TimeProvider clock) : Stream
    {
        private readonly CancellationTokenSource _late = new(Timeout.InfiniteTimeSpan, clock);
        private CancellationTokenRegistration _registration;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_registration == default)
            {
                // One token goes with all reads of a body.
                _registration = cancellationToken.UnsafeRegister(static late => ((CancellationTokenSource)late!).Cancel(), _late);
            }

            _late.CancelAfter(limit);
            try
            {
                return await inner.ReadAsync(buffer, _late.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"The upstream was silent for {limit.TotalSeconds} seconds.");
            }
            finally
            {
                _late.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("Read asynchronously.");

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _registration.Dispose();
                _late.Dispose();
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
