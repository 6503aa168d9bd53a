using System.Text;
using System.Text.Json;
using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional;

/// <summary>One answer, read to its end.</summary>
internal sealed class Reply(HttpResponseMessage response, byte[] body)
{
    public int Status { get; } = (int)response.StatusCode;

    public byte[] Body { get; } = body;

    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? ContentType { get; } = response.Content.Headers.ContentType?.ToString();

    public string? CacheStatus => Header(HeaderNames.CacheStatus);

    private readonly Dictionary<string, string> _headers = response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);

    public string? Header(string name) => _headers.GetValueOrDefault(name);

    public string? ErrorParam => Json.GetProperty("error").GetProperty("param").GetString();

    public string? ErrorCode => Json.GetProperty("error").GetProperty("code").GetString();
}
