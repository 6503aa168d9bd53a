using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CacheProxy.TestKit;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>A built program of src, running as a process of its own on a free port of the loopback until disposed.</summary>
internal sealed class ServerProgram : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly Lock _lock = new();

    private ServerProgram(Process process, Uri address)
    {
        _process = process;
        Address = address;
        _process.OutputDataReceived += (_, line) => Remember(line.Data);
        _process.ErrorDataReceived += (_, line) => Remember(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>All that the program has printed.</summary>
    public string Log
    {
        get
        {
            lock (_lock)
            {
                return _log.ToString();
            }
        }
    }

    public static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    /// <param name="project">Folder and assembly name under src.</param>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message has its output.</exception>
    public static async Task<ServerProgram> StartAsync(string project, Uri address, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        // A shell that starts these tests in the background hands down an ignored SIGINT; env gives the program its Ctrl-C back.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", AssemblyPath(project), .. arguments])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        var program = new ServerProgram(Process.Start(start)!, address);
        try
        {
            await program.WaitReadyAsync();
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the program to end as Ctrl-C does, and waits for it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> InterruptAsync()
    {
        if (!_process.HasExited)
        {
            await ProcessResult.RunAsync("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)], Repository.Root, StopLimit);
        }

        await _process.WaitForExitAsync().WaitAsync(StopLimit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await InterruptAsync();
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    // The configuration (Debug, Release) that the tests were built in is the one that the programs were built in.
    public static string AssemblyPath(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Repository.File("src", project, "bin", output.Parent!.Name, output.Name, project + ".dll");
    }

    private async Task WaitReadyAsync()
    {
        using var client = new HttpClient();
        using var limit = new CancellationTokenSource(StartLimit);
        while (!await IsReadyAsync(client))
        {
            if (_process.HasExited || limit.IsCancellationRequested)
            {
                throw new InvalidOperationException($"{_process.StartInfo.ArgumentList[0]} is not ready:\n{Log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri(Address, "/readyz"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Remember(string? line)
    {
        lock (_lock)
        {
            _log.AppendLine(line);
        }
    }
}
