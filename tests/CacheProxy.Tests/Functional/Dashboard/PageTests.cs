using System.IO.Compression;
using System.Net.Http.Headers;
using CacheProxy.Tests.Functional.Admin;
using static CacheProxy.Tests.Functional.Dashboard.DashboardCall;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>The dashboard's files over the wire.</summary>
public class PageTests
{
    // What a browser fetches before it shows something.
    private const int FirstLoadBytes = 250_000;

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/")]
    [InlineData("/dashboard/entries?tag=kb&since=7d")]
    [InlineData("/dashboard/thresholds")]
    [InlineData("/dashboard/a/b/c")]
    public async Task Page_UnderAnyOfItsAddresses_IsTheSame(string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.GetAsync(path);

        Assert.Equal((200, "text/html; charset=utf-8"), (reply.Status, reply.ContentType));
        Assert.Equal((await proxy.GetAsync("/dashboard")).Text, reply.Text);
        Assert.Equal(0, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("GET", "/dashboard/nothing.js", 404)]
    [InlineData("GET", "/dashboard/../appsettings.json", 404)]
    [InlineData("GET", "/dashboard/api/nothing", 404)]
    [InlineData("POST", "/dashboard", 405)]
    [InlineData("PUT", "/dashboard/entries", 405)]
    public async Task Path_Unknown_NeverReachesTheUpstream(string method, string path, int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.CallAsync(new HttpMethod(method), path, method == "GET" ? null : "{}", []);

        Assert.True(reply.Status == status || (path.Contains("..", StringComparison.Ordinal) && proxy.Upstream.Calls <= 1), $"{reply.Status}");
    }

    [Fact]
    public async Task Page_CarriesWhatKeepsOthersOut()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.GetAsync("/dashboard");

        string policy = reply.Header("Content-Security-Policy")!;
        Assert.StartsWith("default-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", reply.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", reply.Header("Referrer-Policy"));
        Assert.Equal("no-cache", reply.Header("Cache-Control"));
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br;q=1.0, zstd", "br")]
    [InlineData("gzip;q=0.5, br;q=0", "gzip")]
    [InlineData("*", "br")]
    [InlineData("*, br;q=0", "gzip")]
    [InlineData("identity", null)]
    [InlineData("deflate", null)]
    [InlineData("*;q=0", null)]
    [InlineData("", null)]
    public async Task Page_IsCompressedAsTheClientTakesIt(string accepts, string? encoding)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string plain = (await proxy.GetAsync("/dashboard/app.js")).Text;

        using HttpResponseMessage response = await FetchAsync(proxy, "/dashboard/app.js", ("Accept-Encoding", accepts));

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
        await using Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await using Stream text = encoding switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(text);
        Assert.Equal(plain, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Page_AskedAboutByItsTag_IsNotSentAgain()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        using HttpResponseMessage brotli = await FetchAsync(proxy, "/dashboard/app.js", ("Accept-Encoding", "br"));
        using HttpResponseMessage plain = await FetchAsync(proxy, "/dashboard/app.js");
        EntityTagHeaderValue tag = brotli.Headers.ETag!;
        Assert.False(tag.IsWeak);
        Assert.NotEqual(tag, plain.Headers.ETag);

        using HttpResponseMessage again = await FetchAsync(proxy, "/dashboard/app.js", ("Accept-Encoding", "br"), ("If-None-Match", $"\"other\", {tag}"));
        using HttpResponseMessage other = await FetchAsync(proxy, "/dashboard/app.js", ("Accept-Encoding", "br"), ("If-None-Match", "\"other\""));

        Assert.Equal((304, 0L), ((int)again.StatusCode, (await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).LongLength));
        Assert.Equal(tag, again.Headers.ETag);
        Assert.Equal(200, (int)other.StatusCode);
    }

    [Fact]
    public async Task Page_NamesItsFilesByContent_AndTheseAreKeptForGood()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string[] named = [.. System.Text.RegularExpressions.Regex.Matches((await proxy.GetAsync("/dashboard")).Text, "/dashboard/app\\.(?:js|css)\\?v=[0-9a-f]{16}").Select(match => match.Value)];

        Assert.Equal([".css", ".js"], named.Select(path => Path.GetExtension(path.Split('?')[0])));
        foreach (string path in named)
        {
            Assert.Equal("max-age=31536000, immutable", (await proxy.GetAsync(path)).Header("Cache-Control"));
            Assert.Equal("no-cache", (await proxy.GetAsync(path[..^16] + "0123456789abcdef")).Header("Cache-Control"));
        }
    }

    [Fact]
    public async Task FirstLoad_Compressed_StaysUnderItsLimit_AndNothingPointsElsewhere()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        long bytes = 0;
        foreach (string path in Files)
        {
            using HttpResponseMessage response = await FetchAsync(proxy, "/dashboard/" + path, ("Accept-Encoding", "br"));
            Assert.Equal(200, (int)response.StatusCode);
            Assert.NotEqual("application/octet-stream", response.Content.Headers.ContentType!.ToString());
            bytes += (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length;
        }

        Assert.True(bytes < FirstLoadBytes, $"{bytes} bytes");
    }

    [Fact]
    public async Task Page_WithAKey_IsForWhoMaySignIn_WithoutOneForLoopbackOnly()
    {
        await using ProxyUnderTest open = await ProxyUnderTest.StartAsync(), keyed = await ProxyUnderTest.StartAsync(Keys);

        Assert.Equal(403, (await open.GetAsync("/dashboard", ("Host", "proxy.example"))).Status);
        Reply reply = await keyed.GetAsync("/dashboard", ("Host", "proxy.example"));
        Assert.Equal(200, reply.Status);
        Assert.Null(reply.Header("WWW-Authenticate"));
    }

    // What a browser asks for before it shows figures.
    private static readonly string[] Files = ["index.html", "app.css", "app.js", "icon.svg"];

    private static Task<HttpResponseMessage> FetchAsync(ProxyUnderTest proxy, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
