using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks;

/// <summary>Portkey's gateway as the peer: its simple cache for one upstream, told by a header of each request.</summary>
internal sealed class PortkeyPeer : IDisposable
{
    private readonly ChildProcess _process;
    private readonly Uri _upstream;
    private readonly Uri _url;

    private PortkeyPeer(string folder, Uri upstream)
    {
        int port = FreePort.Next();
        _upstream = upstream;
        _url = new Uri($"http://127.0.0.1:{port}/");
        string server = Path.Combine(folder, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
        _process = ChildProcess.Start("node", [server, $"--port={port}", "--headless"], new Dictionary<string, string> { ["NODE_ENV"] = "production", ["TRUSTED_CUSTOM_HOSTS"] = "127.0.0.1,localhost" });
    }

    public Uri ChatCompletions => new(_url, "v1/chat/completions");

    /// <summary>What every request needs beside its body.</summary>
    public (string Name, string Value)[] Headers =>
    [
        ("x-portkey-provider", "openai"),
        ("x-portkey-config", $$$"""{"provider":"openai","custom_host":"{{{new Uri(_upstream, "v1")}}}","cache":{"mode":"simple","max_age":3600}}"""),
    ];

    /// <summary>Fetches it where it is not there yet. Null, with the reason printed: it cannot be had here.</summary>
    public static async Task<PortkeyPeer?> TryStartAsync(Uri upstream, CancellationToken cancellationToken)
    {
        string folder = Repository.File("tests", "CacheProxy.Benchmarks", "portkey");
        PortkeyPeer? peer = null;
        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            {
                Console.WriteLine("installing @portkey-ai/gateway");
                await ChildProcess.RunAsync("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], cancellationToken);
            }

            peer = new PortkeyPeer(folder, upstream);
            await peer._process.WaitUntilReadyAsync(peer._url, TimeSpan.FromSeconds(20), cancellationToken);
            return peer;
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            peer?.Dispose();
            Console.WriteLine($"Portkey is left out: {exception.Message.Trim()}");
            return null;
        }
    }

    public void Dispose() => _process.Dispose();
}
