namespace CacheProxy.Forward;

/// <summary>Gives up where the headers of the answer do not come in time; the body may then take its own.</summary>
internal sealed class FirstByteInvoker(HttpMessageHandler handler, TimeSpan limit, TimeProvider clock) : HttpMessageInvoker(handler)
{
    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        return await base.SendAsync(request, either.Token);
    }
}
