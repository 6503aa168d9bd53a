using System.Text.Json;
using CacheProxy.Tests.Functional.Admin;
using static CacheProxy.Tests.Functional.Dashboard.DashboardCall;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>Who may see the dashboard, and how long.</summary>
public class SessionTests
{
    [Fact]
    public async Task SignIn_WithTheKey_GivesASessionForTheDashboardOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/session", $$"""{"key":"{{AdminKey}}"}""");

        Assert.Equal(("admin", "session", true), Who(reply));
        string cookie = reply.Header("Set-Cookie")!;
        Assert.Contains("; path=/dashboard", cookie, StringComparison.Ordinal);
        Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
        Assert.Contains("; expires=", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain("secure", cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(AdminKey, cookie, StringComparison.Ordinal);
        Assert.Equal(200, (await proxy.ApiAsync("/summary", ("Cookie", cookie.Split(';')[0]))).Status);
        Assert.Equal(("admin", "session", true), Who(await proxy.ApiAsync("/session", ("Cookie", cookie.Split(';')[0]))));
    }

    [Fact]
    public async Task SignIn_BehindAProxyThatSpeaksTls_GivesASecureCookie()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, "/session", $$"""{"key":"{{AdminKey}}"}""", ("X-Forwarded-Proto", "https"));

        Assert.Contains("; secure", reply.Header("Set-Cookie")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Session_ForTheReadOnlyKey_SaysWhatIsHidden()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        Reply reply = await proxy.ApiAsync("/session", await proxy.SignInAsync(ReaderKey));

        Assert.Equal(("reader", "session", false), Who(reply));
        Assert.Equal(["answers", "questions"], reply.Json.GetProperty("hides").EnumerateArray().Select(one => one.GetString()!));
    }

    [Fact]
    public async Task Session_OfNobody_AsksForTheKey()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        Reply reply = await proxy.ApiAsync("/session");

        Assert.Equal(200, reply.Status);
        Assert.Equal(JsonValueKind.Null, reply.Json.GetProperty("role").ValueKind);
        Assert.True(reply.Json.GetProperty("needs_key").GetBoolean());
        Assert.Null(reply.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task Session_WithoutAKey_IsLoopbacks()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(("admin", "loopback", true), Who(await proxy.ApiAsync("/session")));
        Assert.Equal(403, (await proxy.ApiAsync("/session", ("Host", "evil.example"))).Status);
    }

    [Fact]
    public async Task Session_PastItsTime_IsOver()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new(Keys) { ["Admin:SessionMinutes"] = "30" });
        (string, string) cookie = await proxy.SignInAsync();

        proxy.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(200, (await proxy.ApiAsync("/summary", cookie)).Status);

        proxy.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(401, (await proxy.ApiAsync("/summary", cookie)).Status);
    }

    [Fact]
    public async Task SignOut_EndsThatSessionOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        (string, string) one = await proxy.SignInAsync(), other = await proxy.SignInAsync();

        Reply reply = await proxy.ApiAsync(HttpMethod.Delete, "/session", null, one);

        Assert.Equal(JsonValueKind.Null, reply.Json.GetProperty("role").ValueKind);
        Assert.Contains("1970", reply.Header("Set-Cookie")!, StringComparison.Ordinal);
        Assert.Equal(401, (await proxy.ApiAsync("/summary", one)).Status);
        Assert.Equal(200, (await proxy.ApiAsync("/summary", other)).Status);
    }

    [Fact]
    public async Task ChangedKey_EndsItsSessions()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        (string, string) admin = await proxy.SignInAsync(), reader = await proxy.SignInAsync(ReaderKey);

        string settings = await File.ReadAllTextAsync(proxy.ConfigurationPath, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(proxy.ConfigurationPath, settings.Replace(AdminKey, "another-key", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        await Stores.Wait.UntilAsync(async () => (await proxy.ApiAsync("/summary", admin)).Status == 401, "the session of the former key ends");
        Assert.Equal(200, (await proxy.ApiAsync("/summary", reader)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cacheproxy_session_PORT=")]
    [InlineData("cacheproxy_session_PORT=AAAA")]
    [InlineData("cacheproxy_session_PORT=AQIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Cookie_ThatWeDidNotGive_IsNobodys(string cookie)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        Reply reply = await proxy.ApiAsync("/summary", ("Cookie", cookie.Replace("PORT", proxy.Client.BaseAddress!.Port.ToString(), StringComparison.Ordinal)));

        Assert.Equal(401, reply.Status);
    }

    [Fact]
    public async Task Cookie_WithAnotherRoleWrittenIn_IsNobodys()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        (string name, string cookie) = await proxy.SignInAsync(ReaderKey);
        int at = cookie.IndexOf('=', StringComparison.Ordinal) + 1;

        // Version 1 and role 1 (reader) are 0x01 0x01: "AQE" in Base64; role 2 (admin) is "AQI".
        Assert.Equal("AQE", cookie.Substring(at, 3));
        Assert.Equal(401, (await proxy.ApiAsync("/summary", (name, cookie[..at] + "AQI" + cookie[(at + 3)..]))).Status);
    }

    [Fact]
    public async Task WrongKeys_BeyondTen_HaveToWait_WhoIsSignedInDoesNot()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        (string, string) cookie = await proxy.SignInAsync();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(401, (await proxy.ApiAsync(HttpMethod.Post, "/session", """{"key":"guess"}""")).Status);
        }

        Reply refused = await proxy.ApiAsync(HttpMethod.Post, "/session", $$"""{"key":"{{AdminKey}}"}""");
        Assert.Equal((429, "too_many_wrong_keys", "60"), (refused.Status, refused.ErrorCode, refused.Header("Retry-After")));
        Assert.Equal(429, (await proxy.GetAsync("/admin/epochs", AsAdmin)).Status);
        Assert.Equal(200, (await proxy.ApiAsync("/summary", cookie)).Status);

        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(200, (await proxy.ApiAsync(HttpMethod.Post, "/session", $$"""{"key":"{{AdminKey}}"}""")).Status);
    }

    [Theory]
    [InlineData("""{"key":"wrong"}""", "application/json", 401)]
    [InlineData("""{"key":""}""", "application/json", 400)]
    [InlineData("""{}""", "application/json", 400)]
    [InlineData("""{"key":7}""", "application/json", 400)]
    [InlineData("""[""", "application/json", 400)]
    [InlineData("key=the-admin-key", "application/x-www-form-urlencoded", 415)]
    [InlineData("""{"key":"the-admin-key"}""", "text/plain", 415)]
    public async Task SignIn_WithAnythingElse_GivesNoCookie(string body, string type, int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        Reply reply = await proxy.CallAsync(HttpMethod.Post, Api + "/session", body, [], type);

        Assert.Equal(status, reply.Status);
        Assert.Null(reply.Header("Set-Cookie"));
    }

    [Fact]
    public async Task SignInAndOut_AreAudited_WithoutTheKey()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        await proxy.ApiAsync(HttpMethod.Delete, "/session", null, await proxy.SignInAsync());

        string[] lines = proxy.Audit();
        Assert.Equal(2, lines.Length);
        Assert.Contains("\"action\":\"sign in\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"action\":\"sign out\"", lines[1], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.DoesNotContain(AdminKey, line, StringComparison.Ordinal));
    }

    [Fact]
    public void ReadOnlyKey_ThatIsTheKey_StopsTheStart()
    {
        var same = new Dictionary<string, string> { ["Admin:Key"] = "k", ["Admin:ReadOnlyKey"] = "k" };

        var fault = Assert.Throws<CacheProxy.Pipeline.Configuration.ConfigurationException>(() => ProxyUnderTest.StartAsync(same).GetAwaiter().GetResult());
        Assert.Contains("Admin:ReadOnlyKey", fault.Message, StringComparison.Ordinal);
    }

    private static (string?, string?, bool) Who(Reply reply)
        => (reply.Json.GetProperty("role").GetString(), reply.Json.GetProperty("by").GetString(), reply.Json.GetProperty("can_write").GetBoolean());
}
