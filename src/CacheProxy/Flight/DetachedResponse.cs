using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace CacheProxy.Flight;

/// <summary>The response side of a request without a client: what is written goes to a <see cref="SharedAnswer"/>.</summary>
internal sealed class DetachedResponse : HttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    // A provider's answer has 10 to 20: grown from nothing, the table of them would be made three times.
    private const int TypicalHeaders = 12;

    private readonly SharedAnswer _answer;
    private List<(Func<object, Task> Callback, object State)>? _onStarting;
    private PipeWriter? _writer;

    public DetachedResponse(SharedAnswer answer)
    {
        _answer = answer;
        Stream = new AnswerStream(this);
        RequestAborted = answer.Stopped;
        Headers = new HeaderDictionary(TypicalHeaders);
    }

    public override bool HasStarted => _answer.HasStarted;

    public Stream Stream { get; }

    public PipeWriter Writer => _writer ??= PipeWriter.Create(Stream);

    public CancellationToken RequestAborted { get; set; }

    public override void OnStarting(Func<object, Task> callback, object state) => (_onStarting ??= []).Add((callback, state));

    public void Abort() => _answer.Break();

    public void DisableBuffering() { }

    public Task StartAsync(CancellationToken cancellationToken = default) => HasStarted ? Task.CompletedTask : StartAsync(ReadOnlyMemory<byte>.Empty);

    private Task StartAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_onStarting is not null)
        {
            return CallBackAndStartAsync(_onStarting, bytes);
        }

        _answer.Start(StatusCode, Headers, bytes.Span);
        return Task.CompletedTask;
    }

    private async Task CallBackAndStartAsync(List<(Func<object, Task> Callback, object State)> callbacks, ReadOnlyMemory<byte> bytes)
    {
        // Last registered, first called, as servers do.
        for (int i = callbacks.Count - 1; i >= 0; i--)
        {
            await callbacks[i].Callback(callbacks[i].State);
        }

        _answer.Start(StatusCode, Headers, bytes.Span);
    }

    public async Task CompleteAsync()
    {
        if (_writer is not null)
        {
            await _writer.CompleteAsync();
        }

        await StartAsync();
        _answer.Complete();
    }

    public async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await using FileStream file = File.OpenRead(path);
        file.Seek(offset, SeekOrigin.Begin);
        await file.CopyToAsync(Stream, cancellationToken);
    }

    /// <summary>Never waits for a reader: a write is a copy into memory.</summary>
    private sealed class AnswerStream(DetachedResponse response) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!response.HasStarted)
            {
                return new ValueTask(response.StartAsync(buffer));
            }

            response._answer.Append(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count)
            => throw new InvalidOperationException("Write asynchronously.");

        // The headers leave with the first flush: a client of a stream sees them before the first token.
        public override Task FlushAsync(CancellationToken cancellationToken) => response.StartAsync(cancellationToken);

        public override void Flush() => throw new InvalidOperationException("Flush asynchronously.");

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
