using CacheProxy.Tests.Functional.Admin;
using static CacheProxy.Tests.Functional.Dashboard.DashboardCall;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>Who may call what: every path of the dashboard and of administration, for each role; and from where.</summary>
public class RoleTests
{
    private const string NoEntry = "00000000000000000000000000000000";

    // What nobody may is not in the list; what each answers to an admin is for its own tests.
    public static TheoryData<string, string, bool> Paths => new()
    {
        { "GET", "/dashboard/api/summary", true },
        { "GET", "/dashboard/api/series", true },
        { "GET", "/dashboard/api/groups?by=model", true },
        { "GET", "/dashboard/api/near-misses", true },
        { "GET", "/dashboard/api/prefix", true },
        { "GET", "/dashboard/api/budgets", true },
        { "GET", "/dashboard/api/thresholds", true },
        { "GET", "/dashboard/api/health", true },
        { "GET", "/dashboard/api/semantic", true },
        { "GET", "/dashboard/api/entries", true },
        { "GET", "/dashboard/api/entries/" + NoEntry, true },
        { "GET", "/dashboard/api/nothing", true },
        { "DELETE", "/dashboard/api/entries/" + NoEntry, false },
        { "PUT", $"/dashboard/api/entries/{NoEntry}/tags", false },
        { "POST", $"/dashboard/api/entries/{NoEntry}/feedback", false },
        { "POST", "/dashboard/api/semantic/resume", false },
        { "POST", "/dashboard/api/thresholds/apply", false },
        { "GET", "/admin/epochs", true },
        { "GET", "/admin/entries", true },
        { "GET", "/admin/entries/" + NoEntry, true },
        { "GET", "/admin/semantic", true },
        { "GET", "/admin/export", false },
        { "POST", "/admin/import", false },
        { "POST", "/admin/purge", false },
        { "POST", "/admin/epochs/kb", false },
        { "POST", "/admin/seed", false },
        { "POST", "/admin/semantic/resume", false },
        { "DELETE", "/admin/entries/" + NoEntry, false },
        { "PUT", $"/admin/entries/{NoEntry}/tags", false },
        { "POST", $"/admin/entries/{NoEntry}/feedback", false },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Path_IsOpen_ForItsRolesOnly(string method, string path, bool isForReaders)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        bool isDashboard = path.StartsWith("/dashboard", StringComparison.Ordinal);

        Assert.Equal(401, await StatusAsync(proxy, method, path));
        Assert.Equal(401, await StatusAsync(proxy, method, path, ("X-Admin-Key", "wrong")));
        Assert.Equal(!isForReaders, await StatusAsync(proxy, method, path, AsReader) == 403);
        Assert.NotInRange(await StatusAsync(proxy, method, path, AsAdmin), 401, 403);

        // A session opens the dashboard and nothing else.
        Assert.Equal(isDashboard ? isForReaders : false, await StatusAsync(proxy, method, path, await proxy.SignInAsync(ReaderKey)) is not (401 or 403));
        Assert.Equal(isDashboard, await StatusAsync(proxy, method, path, await proxy.SignInAsync()) is not (401 or 403));
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Request_OfAnotherSitesPage_IsRefused_SignedInOrNot(string header, string value)
    {
        await using ProxyUnderTest open = await ProxyUnderTest.StartAsync(), keyed = await ProxyUnderTest.StartAsync(Keys);
        (string, string) cookie = await keyed.SignInAsync();

        foreach (string method in new[] { "GET", "POST", "PUT", "DELETE" })
        {
            Assert.Equal(403, await StatusAsync(open, method, $"/dashboard/api/entries/{NoEntry}", (header, value)));
            Assert.Equal(403, await StatusAsync(keyed, method, $"/dashboard/api/entries/{NoEntry}", (header, value), cookie));
        }

        Assert.Equal(403, await StatusAsync(keyed, "POST", "/dashboard/api/session", (header, value)));
        Assert.Equal(403, await StatusAsync(keyed, "DELETE", "/dashboard/api/session", (header, value), cookie));
        Assert.Equal(200, await StatusAsync(keyed, "GET", "/dashboard/api/session", cookie));
    }

    [Fact]
    public async Task Request_OfOurOwnPage_IsNot()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        string origin = proxy.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        Assert.Equal(404, await StatusAsync(proxy, "DELETE", $"/dashboard/api/entries/{NoEntry}", ("Origin", origin), ("Sec-Fetch-Site", "same-origin"), await proxy.SignInAsync()));
    }

    [Fact]
    public async Task Page_FollowedFromALinkElsewhere_IsShown()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(200, await StatusAsync(proxy, "GET", "/dashboard/entries", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")));
    }

    [Theory]
    [InlineData("POST", "/dashboard/api/thresholds/apply")]
    [InlineData("POST", $"/dashboard/api/entries/{NoEntry}/feedback")]
    [InlineData("PUT", $"/dashboard/api/entries/{NoEntry}/tags")]
    [InlineData("POST", "/dashboard/api/semantic/resume")]
    [InlineData("POST", "/dashboard/api/session")]
    public async Task Write_InAFormsShape_IsRefused(string method, string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        (string, string) cookie = await proxy.SignInAsync();

        foreach (string type in new[] { "application/x-www-form-urlencoded", "multipart/form-data", "text/plain" })
        {
            Assert.Equal(415, (await proxy.CallAsync(new HttpMethod(method), path, "{}", [cookie], type)).Status);
        }
    }

    [Fact]
    public async Task ReadOnlyKey_WithoutAKey_LetsOthersReadAndLoopbackAct()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Admin:ReadOnlyKey"] = ReaderKey });

        Assert.Equal(200, await StatusAsync(proxy, "GET", "/dashboard/api/summary", AsReader, ("Host", "proxy.example")));
        Assert.Equal(401, await StatusAsync(proxy, "GET", "/dashboard/api/summary", ("Host", "proxy.example")));
        Assert.Equal(404, await StatusAsync(proxy, "DELETE", $"/dashboard/api/entries/{NoEntry}"));
        Assert.Equal(403, await StatusAsync(proxy, "DELETE", $"/dashboard/api/entries/{NoEntry}", AsReader));
    }

    private static async Task<int> StatusAsync(ProxyUnderTest proxy, string method, string path, params (string Name, string Value)[] headers)
        => (await proxy.CallAsync(new HttpMethod(method), path, method is "GET" or "DELETE" ? null : "{}", headers)).Status;
}
