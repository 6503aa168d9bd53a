using System.Net.Sockets;
using System.Text;

namespace CacheProxy.Tests.Functional;

[CollectionDefinition(nameof(HitCostTests), DisableParallelization = true)]
public sealed class HitCostCollection;

/// <summary>A hit from memory is the product's commonest request: what it allocates is held to a ceiling, server and all.</summary>
[Collection(nameof(HitCostTests))]
public class HitCostTests
{
    private const int Requests = 5000;

    // Measured 640 bytes: the state of one request, the header slots and what Kestrel itself makes.
    private const long CeilingBytes = 1024;

    [Fact]
    public async Task Hit_FromMemory_AllocatesNextToNothing()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        byte[] request = Request(proxy);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(proxy.Client.BaseAddress!.Host, proxy.Client.BaseAddress.Port, TestContext.Current.CancellationToken);

        Run(socket, request, Requests);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        string last = Run(socket, request, Requests);
        long perHit = (GC.GetTotalAllocatedBytes(precise: true) - before) / Requests;

        TestContext.Current.TestOutputHelper?.WriteLine($"{perHit} bytes per hit");
        Assert.Contains("detail=exact", last);
        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.InRange(perHit, 0, CeilingBytes);
    }

    private static string Run(Socket socket, byte[] request, int count)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        for (int i = 0; i < count; i++)
        {
            socket.Send(request);
            length = socket.Receive(buffer);
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static byte[] Request(ProxyUnderTest proxy)
    {
        string body = ProxyUnderTest.Question();
        return Encoding.UTF8.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: {proxy.Client.BaseAddress!.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}");
    }
}
