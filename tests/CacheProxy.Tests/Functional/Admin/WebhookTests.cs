using System.Security.Cryptography;
using System.Text;
using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional.Admin;

public class WebhookTests
{
    private const string Secret = "a webhook secret";
    private const string Path = "/admin/webhooks/purge";

    [Fact]
    public async Task Call_Signed_BumpsAndPurges()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await proxy.AskAsync("one", headers: (HeaderNames.Namespace, "kb"));
        await proxy.AskAsync("two", headers: (HeaderNames.Tags, "doc-42"));
        await proxy.AskAsync("three");

        Reply reply = await CallAsync(proxy, Body(proxy, """ "namespaces":["kb"],"tags":["doc-42"] """));

        Assert.Equal(200, reply.Status);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync("one", headers: (HeaderNames.Namespace, "kb"))).CacheStatus);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync("two", headers: (HeaderNames.Tags, "doc-42"))).CacheStatus);
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync("three")).CacheStatus);
        Assert.All(proxy.Audit(), line => Assert.Contains("\"who\":\"webhook\"", line));
    }

    [Fact]
    public async Task Call_Repeated_IsRefused()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        string body = Body(proxy, """ "tags":["a"] """);

        Assert.Equal(200, (await CallAsync(proxy, body)).Status);
        Assert.Equal(401, (await CallAsync(proxy, body)).Status);
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task Call_TooOldOrAhead_IsRefused(int seconds)
    {
        await using ProxyUnderTest proxy = await StartAsync();

        Reply reply = await CallAsync(proxy, Body(proxy, """ "tags":["a"] """, seconds));

        Assert.Equal((401, "timestamp"), (reply.Status, reply.ErrorParam));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=zz")]
    [InlineData("sha1=0123")]
    [InlineData("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Call_SignedWrongly_IsRefused(string? signature)
    {
        await using ProxyUnderTest proxy = await StartAsync();

        Reply reply = await CallAsync(proxy, Body(proxy, """ "tags":["a"] """), signature ?? "none");

        Assert.Equal((401, "webhook_refused"), (reply.Status, reply.ErrorCode));
        Assert.Empty(proxy.Audit());
    }

    [Theory]
    [InlineData(""" "tags":["a b"] """, "tags")]
    [InlineData(""" "namespaces":["a b"] """, "namespaces")]
    [InlineData(""" "namespaces":[] """, "namespaces")]
    [InlineData(""" "tag":"a" """, "tag")]
    public async Task Call_Misspelt_NamesTheField(string fields, string field)
    {
        await using ProxyUnderTest proxy = await StartAsync();

        Reply reply = await CallAsync(proxy, Body(proxy, fields));

        Assert.Equal((400, field), (reply.Status, reply.ErrorParam));
    }

    [Fact]
    public async Task Call_WithoutASecretSet_IsOff()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await CallAsync(proxy, Body(proxy, """ "tags":["a"] """));

        Assert.Equal((404, "webhook_off"), (reply.Status, reply.ErrorCode));
    }

    [Fact]
    public async Task Call_FromElsewhere_NeedsNoKeyOfTheOtherEndpoints()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Admin:WebhookSecret"] = Secret, ["Admin:Key"] = "k" });

        Assert.Equal(200, (await CallAsync(proxy, Body(proxy, """ "tags":["a"] """), null, ("Host", "proxy.example"))).Status);
    }

    private static Task<ProxyUnderTest> StartAsync() => ProxyUnderTest.StartAsync(new() { ["Admin:WebhookSecret"] = Secret });

    private static string Body(ProxyUnderTest proxy, string fields, int seconds = 0)
        => $$"""{"timestamp":{{proxy.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds}},{{fields}}}""";

    private static Task<Reply> CallAsync(ProxyUnderTest proxy, string body, string? signature = null, params (string, string)[] headers)
    {
        signature ??= "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)));
        return proxy.ActAsync(Path, body, [("X-Hub-Signature-256", signature), .. headers]);
    }
}
