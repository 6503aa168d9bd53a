using System.Net.Sockets;
using System.Text;

namespace CacheProxy.Tests.Functional;

/// <summary>What headers could carry into keys, logs and other headers, sent as raw bytes: refused, and the connection's next request is unharmed.</summary>
public class HeaderInjectionTests
{
    [Theory]
    [InlineData("X-CacheProxy-Tags: a\r\n b\r\n")]
    [InlineData("X-CacheProxy-Tags: a\0b\r\n")]
    [InlineData("X-CacheProxy-Tags: a\rb\r\n")]
    [InlineData("X-CacheProxy-Tags: a\x7fb\r\n")]
    [InlineData("X-CacheProxy-Tags: a;b\r\n")]
    [InlineData("X-CacheProxy-Tags: a%0d%0aX-Evil:1\r\n")]
    [InlineData("X-CacheProxy-Tags: *\r\n")]
    [InlineData("X-CacheProxy-Tags: \r\n")]
    [InlineData("X-CacheProxy-Tags: a\r\nX-CacheProxy-Tags: b c\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\tb\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\u00e9\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\"b\r\n")]
    [InlineData("X-CacheProxy-Namespace: {a}\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\r\nX-CacheProxy-Namespace: b\r\n")]
    [InlineData("X-CacheProxy-TTL: 1\r\nX-CacheProxy-TTL: 2\r\n")]
    [InlineData("X-CacheProxy-Semantic: off\r\nX-CacheProxy-Semantic: 0.1\r\n")]
    public async Task Header_WithWhatItMustNotHold_Is400(string header)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        string answer = await SendAsync(proxy, header);

        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.DoesNotContain("X-Evil", answer.Split("\r\n\r\n")[0]);
        Assert.Equal(0, proxy.Upstream.Calls);
        Assert.Equal(200, (await proxy.AskAsync()).Status);
    }

    [Fact]
    public async Task Header_OfSeveralLines_IsOneList()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        string answer = await SendAsync(proxy, "X-CacheProxy-Tags: a\r\nX-CacheProxy-Tags: b\r\nCache-Control: max-age=60\r\nCache-Control: no-store\r\n");
        Reply next = await proxy.SendAsync(ProxyUnderTest.Question());

        Assert.StartsWith("HTTP/1.1 200 ", answer);
        // no-store of the second line counted: nothing was left behind.
        Assert.Equal("CacheProxy; fwd=miss; stored", next.CacheStatus);
    }

    private static async Task<string> SendAsync(ProxyUnderTest proxy, string header)
    {
        Uri address = proxy.Client.BaseAddress!;
        string body = ProxyUnderTest.Question();
        byte[] request = Encoding.Latin1.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nConnection: close\r\n{header}Content-Length: {body.Length}\r\n\r\n{body}");
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(request, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
