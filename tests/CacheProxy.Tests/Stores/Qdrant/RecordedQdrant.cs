using System.Text;
using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>The recorded calls. A request is answered as the real server answered the same one.</summary>
internal sealed class RecordedQdrant
{
    private readonly List<JsonElement> _interactions;

    public RecordedQdrant()
    {
        using FileStream file = File.OpenRead(
            Repository.File("tests", "CacheProxy.Tests", "Stores", "Qdrant", "Fixtures", "recorded.json"));
        using var document = JsonDocument.Parse(file);
        _interactions = [.. document.RootElement.GetProperty("interactions").EnumerateArray().Select(item => item.Clone())];
    }

    public IEnumerable<JsonElement> Interactions => _interactions;

    public JsonElement this[string file, string title] => _interactions.First(
        item => item.GetProperty("file").GetString() == file && item.GetProperty("title").GetString() == title);

    /// <summary>The answer of that recording; the request must be the recorded one.</summary>
    public Func<StubRequest, StubReply> Replay(string file, string title) => request =>
    {
        JsonElement item = this[file, title];
        string? difference = Difference(item.GetProperty("request"), request);
        return difference is null ? Reply(item.GetProperty("response")) : new StubReply(599, difference);
    };

    public static byte[] Body(JsonElement request)
        => request.TryGetProperty("body", out JsonElement body) ? Encoding.UTF8.GetBytes(body.GetRawText()) : [];

    private static string? Difference(JsonElement recorded, StubRequest request)
    {
        if (recorded.GetProperty("method").GetString() != request.Method || recorded.GetProperty("path").GetString() != request.Path)
        {
            return "another call";
        }

        if (recorded.GetProperty("query").GetString() is { Length: > 0 } query && query != request.Query)
        {
            return "another query";
        }

        if (recorded.GetProperty("headers").TryGetProperty("api-key", out JsonElement key) && key.GetString() != request.ApiKey)
        {
            return "another key";
        }

        return recorded.TryGetProperty("body", out JsonElement body) && !SameJson(body, request.Body) ? "another body" : null;
    }

    // 0.5 and 5e-1 are the same number; the rest is compared as it stands.
    private static bool SameJson(JsonElement recorded, byte[] sent)
    {
        using var document = JsonDocument.Parse(sent);
        return JsonElement.DeepEquals(recorded, document.RootElement);
    }

    private static StubReply Reply(JsonElement response)
    {
        string body = response.TryGetProperty("body", out JsonElement json) ? json.GetRawText() : response.GetProperty("body_text").GetString()!;
        JsonElement headers = response.GetProperty("headers");
        return new StubReply(
            response.GetProperty("status").GetInt32(),
            body,
            headers.TryGetProperty("content-type", out JsonElement type) ? type.GetString() : null,
            headers.TryGetProperty("retry-after", out JsonElement retry) ? retry.GetString() : null);
    }
}
