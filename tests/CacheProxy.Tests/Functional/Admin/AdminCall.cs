using System.Net.Http.Headers;
using System.Text;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Admin;

/// <summary>Calls to <c>/admin</c>.</summary>
internal static class AdminCall
{
    public static Task<Reply> ActAsync(this ProxyUnderTest proxy, string path, string? json = null, params (string Name, string Value)[] headers)
        => proxy.CallAsync(HttpMethod.Post, path, json, headers);

    public static Task<Reply> GetAsync(this ProxyUnderTest proxy, string path, params (string Name, string Value)[] headers)
        => proxy.CallAsync(HttpMethod.Get, path, null, headers);

    public static async Task<Reply> CallAsync(
        this ProxyUnderTest proxy, HttpMethod method, string path, string? json, (string Name, string Value)[] headers, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Waits until so many entries are on disk: an answer is stored behind its client's back.</summary>
    public static Task StoredAsync(this ProxyUnderTest proxy, int entries) => Wait.UntilAsync(
        async () => (await proxy.ActAsync("/admin/purge", """{"all":true}""")).Json.GetProperty("tiers").EnumerateArray().All(tier => tier.GetProperty("count").GetInt64() == entries),
        $"{entries} entries in every tier");

    /// <summary>The lines of the audit file.</summary>
    public static string[] Audit(this ProxyUnderTest proxy)
    {
        string path = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "audit.jsonl");
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }
}
