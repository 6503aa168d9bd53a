using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Server.Tests.RealModel;

/// <summary>The bundled models behind a real Kestrel, loaded once for all tests of a class.</summary>
public sealed class BundledServer : IAsyncLifetime
{
    private InferenceHost? _host;

    public static string ChatModel => "smollm2-135m-instruct";

    public static string Embedder => "all-minilm-l6-v2";

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public async ValueTask InitializeAsync()
    {
        var options = new InferenceServerOptions
        {
            Url = "http://127.0.0.1:0",
            ModelsFolder = Repository.File("config", "models"),
            Runner = new ModelRunnerOptions { BlockCount = 256 },
        };
        _host = await InferenceHost.StartAsync(options, NullLoggerFactory.Instance);
        await _host.Ready;
        Client.BaseAddress = _host.Address;
    }

    public async Task<JsonNode> AskAsync(string path, JsonObject body)
    {
        using HttpResponseMessage response = await Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<List<JsonNode?>> StreamAsync(string path, JsonObject body)
    {
        body["stream"] = true;
        using HttpResponseMessage response = await Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        return TestServer.ParseEvents(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }
}
