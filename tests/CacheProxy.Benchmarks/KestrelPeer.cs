using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Benchmarks;

/// <summary>
/// Kestrel alone as the peer, in a process of its own with the product's garbage collector and log levels: reads the body and answers the same bytes each time. What
/// it costs is the floor under everything that the product can do about a hit.
/// </summary>
internal sealed class KestrelPeer : IDisposable
{
    /// <summary>The argument with which this program serves as the peer instead of measuring.</summary>
    public const string Verb = "serve-kestrel";

    private readonly ChildProcess _process;

    /// <param name="answer">What it answers.</param>
    public KestrelPeer(string answer)
    {
        Url = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        string program = Path.Combine(AppContext.BaseDirectory, "CacheProxy.Benchmarks.dll");
        var environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = "1", ["CACHEPROXY_PEER_ANSWER"] = answer };
        _process = ChildProcess.Start("dotnet", [program, Verb, Url.GetLeftPart(UriPartial.Authority)], environment);
    }

    public Uri Url { get; }

    public Uri ChatCompletions => new(Url, "/v1/chat/completions");

    public static async Task ServeAsync(string url, CancellationToken cancellationToken)
    {
        byte[] answer = Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable("CACHEPROXY_PEER_ANSWER") ?? "");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(url);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        await using WebApplication app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.Headers["X-Peer"] = "kestrel";
            await Results.Bytes(answer, "application/json").ExecuteAsync(context);
        });
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => _process.WaitUntilReadyAsync(Url, TimeSpan.FromSeconds(30), cancellationToken);

    public void Dispose() => _process.Dispose();
}
