using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Http;

/// <summary>Ends a request with an error from deep inside an endpoint; <see cref="ErrorBoundary"/> answers with it.</summary>
internal sealed class RequestErrorException(RequestError error) : Exception(error.Message)
{
    public RequestError Error { get; } = error;
}
