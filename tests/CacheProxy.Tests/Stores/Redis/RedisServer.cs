using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CacheProxy.Tests.Stores.Redis;

/// <summary>A real redis-server on a free port of this machine, without persistence, that can be killed, started again, stopped and continued.</summary>
internal sealed class RedisServer : IDisposable
{
    private Process? _process;

    private RedisServer(string program, int port)
    {
        Program = program;
        Port = port;
    }

    public int Port { get; }

    public string Url => $"redis://127.0.0.1:{Port}";

    private string Program { get; }

    /// <summary>A server that is not running yet; skips the test where redis-server is not installed.</summary>
    public static RedisServer Create()
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "redis-server is not installed.");
        return new RedisServer(program!, FreePort());
    }

    public static async Task<RedisServer> StartNewAsync()
    {
        RedisServer server = Create();
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(
            Program, ["--port", $"{Port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()])
        {
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        await Wait.UntilAsync(async () => await CommandAsync("PING") == "+PONG", "redis-server answers");
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Keeps the connections open and answers nothing: a machine that hangs.</summary>
    public async Task StallAsync() => await SignalAsync("STOP");

    public async Task ContinueAsync() => await SignalAsync("CONT");

    /// <summary>The first line of the reply to an inline command.</summary>
    public async Task<string?> CommandAsync(string command)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            using var stream = new StreamReader(client.GetStream());
            await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(command + "\r\n"));
            return await stream.ReadLineAsync();
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    private static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }
}
