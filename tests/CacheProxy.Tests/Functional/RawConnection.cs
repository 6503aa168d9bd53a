using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CacheProxy.Tests.Functional;

/// <summary>A socket to the proxy, for what no HTTP client would send. Every read ends within <see cref="Limit"/>.</summary>
internal sealed class RawConnection : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    public static async Task<RawConnection> OpenAsync(ProxyUnderTest proxy)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(proxy.Client.BaseAddress!.Host, proxy.Client.BaseAddress.Port, TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>A whole request; <c>Host</c> and the media type are added.</summary>
    public static string Post(string path, string body, string headers = "")
        => $"POST {path} HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    /// <summary>The head of a request whose body follows in chunks.</summary>
    public static string Chunked(string path, string headers = "")
        => $"POST {path} HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n{headers}Transfer-Encoding: chunked\r\n\r\n";

    public static string Chunk(string text) => $"{Encoding.UTF8.GetByteCount(text).ToString("x", CultureInfo.InvariantCulture)}\r\n{text}\r\n";

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>Nothing more will be sent; answers can still be read.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next answer, its body unchunked; null: the connection ended before one.</summary>
    public async Task<RawReply?> ReadAsync()
    {
        int headEnd;
        while ((headEnd = Text().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            if (!await FillAsync())
            {
                return null;
            }
        }

        string head = Text()[..headEnd];
        Take(headEnd + 4);
        int status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        string body = status < 200 ? ""
            : head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) ? await ReadChunksAsync()
            : await ReadExactlyAsync(LengthOf(head));
        return new RawReply(status, head, body);
    }

    /// <summary>The server closes the connection, having sent nothing more.</summary>
    public async Task AssertClosedAsync()
    {
        while (await FillAsync())
        {
        }

        Assert.Equal("", Text());
    }

    public void Dispose() => _socket.Dispose();

    private static int LengthOf(string head)
    {
        const string name = "\r\nContent-Length: ";
        int at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? 0 : int.Parse(head[(at + name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    }

    private async Task<string> ReadExactlyAsync(int count)
    {
        while (_length < count)
        {
            Assert.True(await FillAsync(), "The connection ended inside an answer.");
        }

        string body = Encoding.UTF8.GetString(_buffer, 0, count);
        Take(count);
        return body;
    }

    private async Task<string> ReadChunksAsync()
    {
        var body = new StringBuilder();
        while (true)
        {
            int lineEnd;
            while ((lineEnd = Text().IndexOf("\r\n", StringComparison.Ordinal)) < 0)
            {
                Assert.True(await FillAsync(), "The connection ended inside an answer.");
            }

            int size = int.Parse(Text()[..lineEnd], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Take(lineEnd + 2);
            body.Append(await ReadExactlyAsync(size));
            await ReadExactlyAsync(2);
            if (size == 0)
            {
                return body.ToString();
            }
        }
    }

    private async Task<bool> FillAsync()
    {
        try
        {
            int count = await _socket.ReceiveAsync(_buffer.AsMemory(_length), TestContext.Current.CancellationToken).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
            _length += count;
            return count > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Text() => Encoding.Latin1.GetString(_buffer, 0, _length);

    private void Take(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }
}
