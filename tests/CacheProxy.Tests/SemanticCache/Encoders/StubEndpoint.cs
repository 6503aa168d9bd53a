using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Tests.SemanticCache.Encoders;

/// <summary>An embeddings endpoint without a network: answers what it is told to, and remembers what it was asked.</summary>
internal sealed class StubEndpoint : HttpMessageHandler
{
    public ConcurrentQueue<(string Address, string? Key, JsonElement Body)> Calls { get; } = new();

    /// <summary>The body that answers these texts. Default: vectors of 3 that tell the texts apart, and 7 tokens a text.</summary>
    public Func<string[], string> Answer { get; set; } = texts =>
        "{\"data\":[" + string.Join(',', texts.Select((text, i) => $$"""{"index":{{i}},"embedding":[3,{{text.Length}},1]}"""))
        + "],\"usage\":{\"total_tokens\":" + (7 * texts.Length) + "}}";

    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    /// <summary>While not null, calls wait for it.</summary>
    public TaskCompletionSource? Stall { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        JsonElement body = JsonElement.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
        Calls.Enqueue((request.RequestUri!.ToString(), request.Headers.Authorization?.ToString(), body));
        if (Stall is { } stall)
        {
            await stall.Task.WaitAsync(cancellationToken);
        }

        string[] texts = [.. body.GetProperty("input").EnumerateArray().Select(text => text.GetString()!)];
        return new HttpResponseMessage(Status) { Content = new StringContent(Answer(texts), Encoding.UTF8, "application/json") };
    }
}
