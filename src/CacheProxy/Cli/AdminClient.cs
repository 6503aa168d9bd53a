using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CacheProxy.Cli;

/// <summary>Speaks to <c>/admin</c>. An error's message becomes a <see cref="CliException"/>.</summary>
internal sealed class AdminClient : IDisposable
{
    // Counting and purging walk all entries.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly HttpClient _client;

    public AdminClient(Uri address, string? key)
    {
        _client = new HttpClient { BaseAddress = new Uri(address.AbsoluteUri.TrimEnd('/') + "/"), Timeout = Patience };
        if (!string.IsNullOrEmpty(key))
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, path, null, cancellationToken);

    public Task<JsonNode> PostAsync(string path, JsonNode? body, CancellationToken cancellationToken)
        => SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent(body), cancellationToken);

    public Task<JsonNode> PostLinesAsync(string path, HttpContent lines, CancellationToken cancellationToken)
    {
        lines.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        return SendAsync(HttpMethod.Post, path, lines, cancellationToken);
    }

    public async Task CopyAsync(string path, Stream destination, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Refused(response, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }

        await response.Content.CopyToAsync(destination, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    private static ByteArrayContent JsonContent(JsonNode body) => new(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()))
    {
        Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
    };

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        JsonNode? reply = TryParse(body);

        // A seed's faults and a purge that failed in part come with their own report.
        return reply is not null && reply["error"] is null ? reply : throw Refused(response, body);
    }

    private static CliException Refused(HttpResponseMessage response, byte[] body)
    {
        string? message = (string?)TryParse(body)?["error"]?["message"];
        return new CliException($"{(int)response.StatusCode}: {message ?? response.ReasonPhrase ?? "no answer of a proxy"}");
    }

    private static JsonNode? TryParse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
