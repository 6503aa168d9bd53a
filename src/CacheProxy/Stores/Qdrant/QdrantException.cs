using System.Net;

namespace CacheProxy.Stores.Qdrant;

/// <summary>Qdrant refused a request, or answered something that is not an answer.</summary>
/// <param name="status">The HTTP status; null where the answer's body was at fault.</param>
/// <param name="retryAfter">When to try again, where Qdrant says so (429).</param>
public sealed class QdrantException(
    HttpStatusCode? status, string message, TimeSpan? retryAfter = null, Exception? innerException = null) : Exception(message, innerException)
{
    public HttpStatusCode? Status => status;

    public TimeSpan? RetryAfter => retryAfter;
}
