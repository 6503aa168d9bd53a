namespace CacheProxy.Observability.Export;

/// <summary>Between the exporters and the collector: says once that it does not take what it is sent, and once that it does again.</summary>
internal sealed partial class CollectorWatch(HttpMessageHandler inner, CollectorState state, ILogger logger) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => Judge(request, await TryAsync(request, () => base.SendAsync(request, cancellationToken)));

    // The exporters send from threads of their own, and wait.
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Judge(request, base.Send(request, cancellationToken));
        }
        catch (Exception exception) when (Note(request, exception))
        {
            throw;
        }
    }

    private async Task<HttpResponseMessage> TryAsync(HttpRequestMessage request, Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            return await send();
        }
        catch (Exception exception) when (Note(request, exception))
        {
            throw;
        }
    }

    private HttpResponseMessage Judge(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            Fail(request, $"status {(int)response.StatusCode}");
        }
        else if (state.Succeeded())
        {
            Log.Recovered(logger, AddressOf(request));
        }

        return response;
    }

    private bool Note(HttpRequestMessage request, Exception exception)
    {
        Fail(request, exception is OperationCanceledException ? "no answer in time" : exception.Message);
        return true;
    }

    private void Fail(HttpRequestMessage request, string cause)
    {
        if (state.Failed())
        {
            Log.Failing(logger, AddressOf(request), cause);
        }
    }

    // Without what else may stand in the address.
    private static string AddressOf(HttpRequestMessage request) => request.RequestUri?.GetLeftPart(UriPartial.Authority) ?? "";

    private static partial class Log
    {
        [LoggerMessage(951, LogLevel.Warning, "The collector at {Address} does not take telemetry ({Cause}): it is dropped until it does", EventName = "CollectorFailing")]
        public static partial void Failing(ILogger logger, string address, string cause);

        [LoggerMessage(952, LogLevel.Information, "The collector at {Address} takes telemetry again", EventName = "CollectorRecovered")]
        public static partial void Recovered(ILogger logger, string address);
    }
}
