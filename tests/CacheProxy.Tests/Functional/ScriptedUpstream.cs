using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Functional;

/// <summary>A real Kestrel that answers as the test says and remembers what it was asked.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _calls;
    private int _aborted;

    private ScriptedUpstream(WebApplication app) => _app = app;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Calls that the proxy gave up before they were answered.</summary>
    public int Aborted => Volatile.Read(ref _aborted);

    public ConcurrentQueue<(string Path, Dictionary<string, string> Headers, string Body)> Requests { get; } = new();

    /// <summary>Path and query of each, as they stood on the wire.</summary>
    public ConcurrentQueue<string> Targets { get; } = new();

    public string Url => _app.Urls.First();

    /// <summary>What to do with the n-th call, counted from 1.</summary>
    public Func<HttpContext, int, Task> Script { get; set; } = (context, _) => Answers.ObjectAsync(context, "hello");

    public static async Task<ScriptedUpstream> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var upstream = new ScriptedUpstream(app);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return upstream;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        int call = Interlocked.Increment(ref _calls);
        Targets.Enqueue(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        using var reader = new StreamReader(context.Request.Body);
        Dictionary<string, string> headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Requests.Enqueue((context.Request.Path, headers, await reader.ReadToEndAsync(context.RequestAborted)));
        try
        {
            await Script(context, call);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Interlocked.Increment(ref _aborted);
        }
    }
}
