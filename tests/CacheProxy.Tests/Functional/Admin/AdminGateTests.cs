namespace CacheProxy.Tests.Functional.Admin;

public class AdminGateTests
{
    private const string Key = "an-admin-key";

    [Fact]
    public async Task WithoutAKey_FromLoopback_Answers()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(200, (await proxy.GetAsync("/admin/epochs")).Status);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "127.0.0.1.evil.example")]
    [InlineData("Host", "10.0.0.7:8080")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("X-Forwarded-For", "10.0.0.7")]
    [InlineData("Forwarded", "for=10.0.0.7")]
    public async Task WithoutAKey_ThroughABrowserOrProxy_IsRefused(string header, string value)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        foreach (Reply reply in new[] { await proxy.GetAsync("/admin/epochs", (header, value)), await proxy.ActAsync("/admin/epochs/kb", null, (header, value)) })
        {
            Assert.Equal((403, "admin_refused"), (reply.Status, reply.ErrorCode));
            Assert.Null(reply.Header("Access-Control-Allow-Origin"));
        }

        Assert.Empty(proxy.Audit());
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("127.0.0.1")]
    public async Task WithoutAKey_UnderANameOfLoopback_Answers(string host)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(200, (await proxy.GetAsync("/admin/epochs", ("Host", host))).Status);
    }

    [Theory]
    [InlineData("Authorization", "Bearer an-admin-key", 200)]
    [InlineData("X-Admin-Key", "an-admin-key", 200)]
    [InlineData("X-Admin-Key", "an-admin-kez", 401)]
    [InlineData("X-Admin-Key", "", 401)]
    [InlineData("Authorization", "Bearer ", 401)]
    [InlineData("Authorization", "Basic an-admin-key", 401)]
    public async Task WithAKey_IsAskedFor(string header, string value, int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Admin:Key"] = Key });

        Assert.Equal(401, (await proxy.GetAsync("/admin/epochs")).Status);
        Assert.Equal(status, (await proxy.GetAsync("/admin/epochs", (header, value))).Status);
        Assert.Equal(status, (await proxy.GetAsync("/admin/epochs", (header, value), ("Host", "proxy.example"))).Status);
    }

    [Theory]
    [InlineData("GET", "/admin")]
    [InlineData("GET", "/admin/nothing")]
    [InlineData("DELETE", "/admin/epochs")]
    [InlineData("GET", "/admin/purge")]
    public async Task Path_Unknown_NeverReachesTheUpstream(string method, string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.CallAsync(new HttpMethod(method), path, null, []);

        Assert.InRange(reply.Status, 404, 405);
        Assert.Equal(0, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Audit_NamesTheKeyByItsFingerprintOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Admin:Key"] = Key });

        await proxy.ActAsync("/admin/epochs/kb", null, ("X-Admin-Key", Key));

        string line = Assert.Single(proxy.Audit());
        Assert.Matches("\"who\":\"key:[0-9a-f]{12}\"", line);
        Assert.DoesNotContain(Key, line);
    }
}
