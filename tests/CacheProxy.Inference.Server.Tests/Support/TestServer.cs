using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.Sse;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Server.Tests.Support;

/// <summary>A real Kestrel on a free port of the loopback, with a scripted model behind the real engine.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private TestServer(InferenceHost host, ScriptedModel model, WordEmbedder embedder)
    {
        (Host, Model, Embedder) = (host, model, embedder);
        Client = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public InferenceHost Host { get; }

    public ScriptedModel Model { get; }

    public WordEmbedder Embedder { get; }

    public HttpClient Client { get; }

    public static InferenceServerOptions Options { get; } = new() { Url = "http://127.0.0.1:0", MaxBodyBytes = 64 * 1024, DrainSeconds = 5 };

    public static async Task<TestServer> StartAsync(SchedulingOptions? scheduling = null, Func<ScriptedModel, Task>? beforeLoad = null, bool waitReady = true)
    {
        var model = new ScriptedModel();
        var embedder = new WordEmbedder();
        InferenceHost host = await InferenceHost.StartAsync(
            Options,
            async (meters, _) =>
            {
                await (beforeLoad?.Invoke(model) ?? Task.CompletedTask);
                return new ModelCatalog([model.CreateModel(meters, scheduling), new EmbeddingModel(WordEmbedder.Id, 1700000001, embedder)]);
            },
            NullLoggerFactory.Instance,
            TimeProvider.System);
        if (waitReady)
        {
            await host.Ready;
        }

        return new TestServer(host, model, embedder);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, params (string Name, string Value)[] headers)
        => SendAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), headers);

    public Task<HttpResponseMessage> SendAsync(string path, HttpContent content, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts and expects 200 with a JSON object.</summary>
    public async Task<JsonNode> AskAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = await PostAsync(path, body, headers);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal(new MediaTypeHeaderValue("application/json"), response.Content.Headers.ContentType);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Posts and expects a stream; its events as JSON, the sentinel as null. An event that is named has its name as its type.</summary>
    public async Task<List<JsonNode?>> StreamAsync(string path, string body)
    {
        using HttpResponseMessage response = await PostAsync(path, body);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(bytes));
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return ParseEvents(bytes);
    }

    public static List<JsonNode?> ParseEvents(ReadOnlySpan<byte> bytes)
    {
        var events = new List<JsonNode?>();
        var parser = new SseParser();
        while (parser.TryRead(ref bytes, out SseEvent item))
        {
            JsonNode? data = item.IsDone ? null : JsonNode.Parse(item.Data);
            Assert.Equal(item.Type.IsEmpty ? null : (string?)data!["type"], item.Type.IsEmpty ? null : Encoding.UTF8.GetString(item.Type));
            events.Add(data);
        }

        Assert.False(parser.HasPartialEvent);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
    }
}
