namespace CacheProxy.Forward;

/// <summary>
/// Sends a body that is in memory as one piece with the headers. YARP would copy it from a stream, and flush the headers in front of it: a system call, a wake-up of
/// the upstream and a buffer of 64 KB more for every request.
/// </summary>
/// <param name="handler">Of <paramref name="inner"/>; not disposed.</param>
/// <param name="inner">Sends.</param>
internal sealed class KnownBodyInvoker(HttpMessageHandler handler, HttpMessageInvoker inner, ReadOnlyMemory<byte> body) : HttpMessageInvoker(handler, disposeHandler: false)
{
    /// <summary>Beyond this many bytes YARP's copy, which counts as a sign of life while it goes on, does not weigh and is the better way.</summary>
    public const int MaxBytes = 1 << 20;

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } copied)
        {
            var content = new ReadOnlyMemoryContent(body);
            foreach (var header in copied.Headers.NonValidated)
            {
                content.Headers.TryAddWithoutValidation(header.Key, header.Value.ToString());
            }

            content.Headers.ContentLength = body.Length;
            request.Content = content;
        }

        return inner.SendAsync(request, cancellationToken);
    }
}
