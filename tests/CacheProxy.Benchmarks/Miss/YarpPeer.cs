using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Benchmarks.Miss;

/// <summary>
/// YARP alone as the peer, in a process of its own with the proxy's own settings: the same version, host, garbage collector and log levels;
/// one route that forwards everything.
/// </summary>
internal sealed class YarpPeer : IDisposable
{
    /// <summary>The argument with which this program serves as the peer instead of measuring.</summary>
    public const string Verb = "serve-yarp";

    private readonly ChildProcess _process;

    public YarpPeer(Uri upstream)
    {
        Url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        string program = Path.Combine(AppContext.BaseDirectory, "CacheProxy.Benchmarks.dll");
        // What a web project gets by default: server garbage collection.
        var environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = "1" };
        _process = ChildProcess.Start("dotnet", [program, Verb, Url.GetLeftPart(UriPartial.Authority), upstream.ToString()], environment);
    }

    public Uri Url { get; }

    public Uri ChatCompletions => new(Url, "/v1/chat/completions");

    public double ProcessorSeconds => _process.ProcessorSeconds;

    public static async Task ServeAsync(string url, string upstream, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(url);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddHttpForwarder();
        await using WebApplication app = builder.Build();
        app.MapForwarder("/{**path}", upstream);
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => _process.WaitUntilReadyAsync(Url, TimeSpan.FromSeconds(30), cancellationToken);

    public void Dispose() => _process.Dispose();
}
