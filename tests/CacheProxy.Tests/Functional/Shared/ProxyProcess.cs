using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CacheProxy.Tests.Functional.Shared;

/// <summary>A proxy in a process of its own, which can be killed, started again over the same data, and kept from writing.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("cacheproxy-test-");
    private readonly string _settings;
    private readonly StringBuilder _output = new();
    private Process? _process;

    private ProxyProcess(string upstreamUrl, Dictionary<string, string>? settings)
    {
        _settings = Path.Combine(_data.FullName, "cacheproxy.json");
        File.WriteAllText(_settings, SettingsFile.Write(
            new Dictionary<string, string>
            {
                ["Data:Path"] = _data.FullName,
                ["Backend:Mode"] = "none",
                ["Backend:Url"] = upstreamUrl,
                ["Semantic:Policy"] = "off",
            },
            settings));
        Client = new HttpClient();
    }

    public string DataFolder => _data.FullName;

    /// <summary>Of the process that was started last.</summary>
    public HttpClient Client { get; private set; }

    /// <summary>All that the processes have printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static Task<ProxyProcess> StartAsync(ProxyFleet fleet) => StartAsync(fleet.Upstream.Url, fleet.Settings());

    /// <param name="settings">Lines of configuration, <c>Section:Key</c> to value.</param>
    public static async Task<ProxyProcess> StartAsync(string upstreamUrl, Dictionary<string, string>? settings = null)
    {
        var proxy = new ProxyProcess(upstreamUrl, settings);
        try
        {
            await proxy.StartAsync();
            return proxy;
        }
        catch
        {
            proxy.Dispose();
            throw;
        }
    }

    /// <summary>Starts a proxy that is expected to end by itself.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public static async Task<(int Code, string Output)> RunAsync(string upstreamUrl, Dictionary<string, string> settings)
    {
        using var proxy = new ProxyProcess(upstreamUrl, settings);
        Process process = proxy.Begin();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        return (process.ExitCode, proxy.Output);
    }

    /// <summary>Starts it over what the last one left.</summary>
    public async Task StartAsync()
    {
        Process process = Begin();
        for (int tries = 0; ; tries++)
        {
            try
            {
                using HttpResponseMessage ready = await Client.GetAsync("/readyz", TestContext.Current.CancellationToken);
                if (ready.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (tries < 600 && !process.HasExited)
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

    public Task<string> MetricsAsync() => Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    /// <summary>From now on the kernel refuses what would be written to any file beyond so many bytes, as a full disk does.</summary>
    /// <param name="bytes">Null: no limit. The hard limit stays where it is: who has no privileges could not raise it again.</param>
    public async Task LimitFilesAsync(long? bytes)
    {
        string limit = bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
        using Process prlimit = Process.Start("prlimit", [$"--pid={_process!.Id}", $"--fsize={limit}:"]);
        await prlimit.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, prlimit.ExitCode);
    }

    /// <summary>As a machine dies: nothing is given back, nobody is told.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
        Client.Dispose();
        _data.Delete(recursive: true);
    }

    private Process Begin()
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        Client.Dispose();
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };

        // A write beyond the limit on files is to fail and not to end the process. env is replaced by the program: the id stays.
        string[] ignoring = OperatingSystem.IsLinux() ? ["env", "--ignore-signal=XFSZ", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(ignoring[0], [.. ignoring[1..], Path.Combine(AppContext.BaseDirectory, "CacheProxy.dll"), "--config", _settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CACHEPROXY__Server__Url"] = address.ToString().TrimEnd('/');
        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return _process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
