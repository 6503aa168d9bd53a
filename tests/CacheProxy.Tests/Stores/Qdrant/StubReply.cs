namespace CacheProxy.Tests.Stores.Qdrant;

internal sealed record StubReply(int Status, string Body, string? ContentType = "application/json", string? RetryAfter = null)
{
    public static StubReply Ok(string result) => new(200, $$"""{"result":{{result}},"status":"ok","time":0.001}""");

    public static StubReply Error(int status, string message) => new(status, $$"""{"status":{"error":"{{message}}"},"time":0.0}""");
}
