using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Inference.Server.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Server.Tests;

public sealed class InferenceHostTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Hi = "{\"model\":\"scripted\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private const string StreamedHi = "{\"model\":\"scripted\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WhileLoading_IsAliveButNotReady()
    {
        var gate = new TaskCompletionSource();
        await using TestServer server = await TestServer.StartAsync(beforeLoad: _ => gate.Task, waitReady: false);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "/readyz"));
        using HttpResponseMessage early = await server.PostAsync(Chat, Hi);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
        Assert.NotNull(early.Headers.RetryAfter);
        gate.SetResult();
        await server.Host.Ready;
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, "/readyz"));
        Assert.True(server.Model.Runner.Steps.Count > 1, "ready without having generated anything");
    }

    [Fact]
    public async Task Start_ModelsCannotBeLoaded_SaysWhyAndStaysUnready()
    {
        InferenceHost host = await InferenceHost.StartAsync(
            TestServer.Options, (_, _) => throw new FileNotFoundException("model.gguf is missing"), NullLoggerFactory.Instance, TimeProvider.System, cancellation: Cancellation);
        await using (host)
        {
            await Assert.ThrowsAsync<FileNotFoundException>(() => host.Ready);
            using var client = new HttpClient { BaseAddress = host.Address };
            using HttpResponseMessage health = await client.GetAsync("/healthz", Cancellation);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
            Assert.Contains("model.gguf is missing", await health.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_AddressTaken_Throws()
    {
        await using TestServer server = await TestServer.StartAsync();
        InferenceServerOptions same = TestServer.Options with { Url = server.Host.Address.ToString() };
        await Assert.ThrowsAsync<IOException>(() => InferenceHost.StartAsync(
            same, (_, _) => Task.FromResult(new ModelCatalog([])), NullLoggerFactory.Instance, TimeProvider.System, cancellation: Cancellation));
    }

    [Fact]
    public async Task Get_Models_ListsThemAndFindsOne()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode list = JsonNode.Parse(await server.Client.GetStringAsync("/v1/models", Cancellation))!;
        Assert.Equal(
            """{"object":"list","data":[{"id":"scripted","created":1700000000,"owned_by":"cacheproxy","object":"model"},{"id":"words","created":1700000001,"owned_by":"cacheproxy","object":"model"}]}""",
            list.ToJsonString());
        Assert.Equal("scripted", (string?)JsonNode.Parse(await server.Client.GetStringAsync("/v1/models/Scripted", Cancellation))!["id"]);
    }

    [Fact]
    public async Task Post_QueueFull_Is429WithRetryAfter()
    {
        using var gate = new ManualResetEventSlim();
        using var blocked = new SemaphoreSlim(0);
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxRunning = 1, MaxWaiting = 1 });
        server.Model.Runner.BeforeRun = _ =>
        {
            blocked.Release();
            gate.Wait(Cancellation);
        };
        Task<HttpResponseMessage> running = server.PostAsync(Chat, Hi);
        await blocked.WaitAsync(Cancellation);
        Task<HttpResponseMessage> waiting = server.PostAsync(Chat, Hi);
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 1);
        using HttpResponseMessage refused = await server.PostAsync(Chat, Hi);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.Contains("\"rate_limit_error\"", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        gate.Set();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
    }

    [Theory]
    [InlineData(Hi)]
    [InlineData(StreamedHi)]
    public async Task Post_ClientGoes_TheGenerationStops(string body)
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Model.Answer = new string('x', 390);
        using var gate = new SemaphoreSlim(3);
        using var step = new SemaphoreSlim(0);
        server.Model.Runner.BeforeRun = _ =>
        {
            step.Release();
            gate.Wait(Cancellation);
        };
        using var leaving = new CancellationTokenSource();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        Task<HttpResponseMessage> request = server.Client.PostAsync(Chat, content, leaving.Token);
        await step.WaitAsync(Cancellation);
        await step.WaitAsync(Cancellation);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        int stepsBefore = server.Model.Runner.Steps.Count;
        server.Model.Runner.BeforeRun = null;
        await UntilAsync(() =>
        {
            gate.Release();
            return server.Model.Engine!.Stats.Counts.Running == 0;
        });
        Assert.InRange(server.Model.Runner.Steps.Count - stepsBefore, 0, 300);
        server.Model.Answer = "still here";
        Assert.Equal("still here", (string?)(await server.AskAsync(Chat, Hi))["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Post_EngineFailsAtOnce_Is500InBothModes()
    {
        foreach (string body in new[] { Hi, StreamedHi })
        {
            await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxFailuresInARow = 100 });
            server.Model.Runner.BeforeRun = _ => throw new InvalidOperationException("no memory");
            using HttpResponseMessage response = await server.PostAsync(Chat, body);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            Assert.Contains("\"server_error\"", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            server.Model.Runner.BeforeRun = null;
            await server.AskAsync(Chat, Hi);
        }
    }

    [Fact]
    public async Task Post_EngineFailsMidway_EndsTheStreamWithAnErrorAndWithoutDone()
    {
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxFailuresInARow = 100 });
        int steps = 0;
        server.Model.Runner.BeforeRun = _ =>
        {
            if (++steps > 4)
            {
                throw new InvalidOperationException("no memory");
            }
        };
        List<JsonNode?> events = await server.StreamAsync(Chat, StreamedHi);
        Assert.NotNull(events[^1]);
        Assert.Equal("server_error", (string?)events[^1]!["error"]!["type"]);
        Assert.All(events[..^1], chunk => Assert.Null(chunk!["choices"]![0]!["finish_reason"]));
    }

    [Fact]
    public async Task Post_EngineBroken_Is503AndUnhealthy()
    {
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxFailuresInARow = 1 });
        server.Model.Runner.BeforeRun = _ => throw new InvalidOperationException("no memory");
        using HttpResponseMessage first = await server.PostAsync(Chat, Hi);
        await UntilAsync(() => server.Model.Engine!.Stats.State == Engine.EngineState.Unhealthy);
        using HttpResponseMessage second = await server.PostAsync(Chat, Hi);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, "/healthz"));
    }

    [Fact]
    public async Task Stop_AnswersUnderWay_AreFinished()
    {
        using var gate = new ManualResetEventSlim();
        using var step = new SemaphoreSlim(0);
        await using TestServer server = await TestServer.StartAsync();
        server.Model.Runner.BeforeRun = _ =>
        {
            step.Release();
            gate.Wait(Cancellation);
        };
        Task<JsonNode> answer = server.AskAsync(Chat, Hi);
        await step.WaitAsync(Cancellation);
        Task stop = server.Host.StopAsync(Cancellation);
        Assert.False(stop.IsCompleted);
        gate.Set();
        Assert.Equal("stop", (string?)(await answer)["choices"]![0]!["finish_reason"]);
        await stop;
        Assert.True(server.Model.Runner.IsDisposed && server.Embedder.IsDisposed);
        await Assert.ThrowsAsync<HttpRequestException>(() => server.PostAsync(Chat, Hi));
    }

    private static async Task<HttpStatusCode> StatusAsync(TestServer server, string path)
    {
        using HttpResponseMessage response = await server.Client.GetAsync(path, Cancellation);
        return response.StatusCode;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }
}
