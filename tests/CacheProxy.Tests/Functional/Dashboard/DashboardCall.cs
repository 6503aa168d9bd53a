using CacheProxy.Tests.Functional.Admin;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>Calls to <c>/dashboard</c>.</summary>
internal static class DashboardCall
{
    public const string Api = "/dashboard/api";

    public const string AdminKey = "the-admin-key";
    public const string ReaderKey = "the-read-only-key";

    public static Dictionary<string, string> Keys => new() { ["Admin:Key"] = AdminKey, ["Admin:ReadOnlyKey"] = ReaderKey };

    public static (string Name, string Value) AsAdmin => ("X-Admin-Key", AdminKey);

    public static (string Name, string Value) AsReader => ("X-Admin-Key", ReaderKey);

    public static Task<Reply> ApiAsync(this ProxyUnderTest proxy, string path, params (string Name, string Value)[] headers) => proxy.GetAsync(Api + path, headers);

    public static Task<Reply> ApiAsync(this ProxyUnderTest proxy, HttpMethod method, string path, string? json, params (string Name, string Value)[] headers)
        => proxy.CallAsync(method, Api + path, json, headers);

    /// <summary>Signs in; the cookie as a browser would send it back.</summary>
    public static async Task<(string Name, string Value)> SignInAsync(this ProxyUnderTest proxy, string key = AdminKey)
    {
        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/session", $$"""{"key":"{{key}}"}""");
        Assert.Equal(200, reply.Status);
        return ("Cookie", reply.Header("Set-Cookie")!.Split(';')[0]);
    }
}
