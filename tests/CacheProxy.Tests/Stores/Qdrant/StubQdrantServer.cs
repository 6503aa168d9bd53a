using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>An HTTP server on a free port whose answers a function gives. Every request is checked against the contract.</summary>
internal sealed class StubQdrantServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly OpenApiContract _contract = OpenApiContract.Load();

    private StubQdrantServer(Func<StubRequest, Task<StubReply>> answer, string url)
    {
        Answer = answer;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public Func<StubRequest, Task<StubReply>> Answer { get; set; }

    public ConcurrentQueue<StubRequest> Requests { get; } = new();

    /// <summary>What was wrong with the requests that came.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    public string Url => _app.Urls.First();

    public static async Task<StubQdrantServer> StartAsync(Func<StubRequest, StubReply> answer, string url = "http://127.0.0.1:0")
    {
        var server = new StubQdrantServer(request => Task.FromResult(answer(request)), url);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public HttpClient CreateHttpClient(string? apiKey = null)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url + "/") };
        if (apiKey is not null)
        {
            client.DefaultRequestHeaders.Add("api-key", apiKey);
        }

        return client;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        string? key = context.Request.Headers.TryGetValue("api-key", out Microsoft.Extensions.Primitives.StringValues keys) ? keys.ToString() : null;
        var request = new StubRequest(
            context.Request.Method, context.Request.Path, context.Request.QueryString.ToString().TrimStart('?'), key, body.ToArray());
        Requests.Enqueue(request);
        if (_contract.Check(request.Method, request.Path, request.Query, request.Body) is { } error)
        {
            Violations.Enqueue($"{request.Method} {request.Path}: {error}");
        }

        StubReply reply = await Answer(request);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        if (reply.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = reply.RetryAfter;
        }

        await context.Response.WriteAsync(reply.Body);
    }
}
