using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CacheProxy.Tests.Functional.Shared;

/// <summary>A proxy of the fleet in a process of its own, which can be killed.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("cacheproxy-test-");
    private readonly Process _process;

    private ProxyProcess(ProxyFleet fleet)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(60) };
        string path = Path.Combine(_data.FullName, "cacheproxy.json");
        File.WriteAllText(path, SettingsFile.Write(
            new Dictionary<string, string>
            {
                ["Server:Url"] = Client.BaseAddress.ToString().TrimEnd('/'),
                ["Data:Path"] = _data.FullName,
                ["Backend:Mode"] = "none",
                ["Backend:Url"] = fleet.Upstream.Url,
                ["Semantic:Policy"] = "off",
            },
            fleet.Settings()));
        _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CacheProxy.dll"), "--config", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string DataFolder => _data.FullName;

    public HttpClient Client { get; }

    public static async Task<ProxyProcess> StartAsync(ProxyFleet fleet)
    {
        var proxy = new ProxyProcess(fleet);
        for (int tries = 0; ; tries++)
        {
            try
            {
                using HttpResponseMessage ready = await proxy.Client.GetAsync("/readyz", TestContext.Current.CancellationToken);
                if (ready.IsSuccessStatusCode)
                {
                    return proxy;
                }
            }
            catch (HttpRequestException) when (tries < 600)
            {
                // Not listening yet.
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    public Task<HttpResponseMessage> BeginAsync(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, null, "application/json") };
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>As a machine dies: nothing is given back, nobody is told.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
        Client.Dispose();
        _data.Delete(recursive: true);
    }
}
