using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>What of the scheduler a client can see: deadlines, priorities, its tenant's part of the queue, when to come again.</summary>
public sealed class SchedulingTests : IDisposable
{
    private const string Chat = "/v1/chat/completions";
    private const string Hi = """{"model":"scripted","messages":[{"role":"user","content":"Hi"}]}""";
    private const string StreamedHi = """{"model":"scripted","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";

    private readonly ManualResetEventSlim _gate = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Hi)]
    [InlineData(StreamedHi)]
    public async Task Post_DeadlinePassesWhileWaiting_Is504(string body)
    {
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxRunning = 1 });
        Task<HttpResponseMessage> running = await BlockAsync(server);

        Task<HttpResponseMessage> waiting = server.PostAsync(Chat, body, (HeaderNames.RequestTimeout, "20"));
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 1);
        await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, Cancellation);
        _gate.Set();

        using HttpResponseMessage late = await waiting;
        JsonNode error = JsonNode.Parse(await late.Content.ReadAsStringAsync(Cancellation))!["error"]!;
        Assert.Equal((HttpStatusCode.GatewayTimeout, "timeout_error", "deadline_exceeded"), (late.StatusCode, (string?)error["type"], (string?)error["code"]));
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task Post_MoreAnswersThanCanEverWait_Is400AndNamesN()
    {
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxWaiting = 4, MaxWaitingPerTenant = 3 });

        using HttpResponseMessage response = await server.PostAsync(Chat, Hi.Replace("\"messages\"", "\"n\":4,\"messages\"", StringComparison.Ordinal));

        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!;
        Assert.Equal((HttpStatusCode.BadRequest, "n"), (response.StatusCode, (string?)error["param"]));
    }

    [Fact]
    public async Task Post_DeadlinePassesInAStream_EndsItWithAnError()
    {
        await using TestServer server = await TestServer.StartAsync();
        long start = 0;
        server.Model.Runner.BeforeRun = _ =>
        {
            // From the first step on: the deadline counts from the request's arrival, which lies before it however slow the machine is.
            start = start == 0 ? Stopwatch.GetTimestamp() : start;
            SpinWait.SpinUntil(() => server.Model.Runner.Steps.Count < 6 || Stopwatch.GetElapsedTime(start).TotalSeconds > 1);
        };

        List<JsonNode?> events = [];
        using HttpResponseMessage response = await server.PostAsync(Chat, StreamedHi, (HeaderNames.RequestTimeout, "900"));
        events = TestServer.ParseEvents(await response.Content.ReadAsByteArrayAsync(Cancellation));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("deadline_exceeded", (string?)events[^1]!["error"]!["code"]);
        Assert.True(events.Count > 2);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("soon")]
    [InlineData("86400001")]
    public async Task Post_TimeoutThatIsNone_Is400(string value)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.PostAsync(Chat, Hi, (HeaderNames.RequestTimeout, value));
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["error"]!;
        Assert.Equal((HttpStatusCode.BadRequest, "X-Request-Timeout-Ms"), (response.StatusCode, (string?)error["param"]));
        Assert.Contains($"'{value}'", (string?)error["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_TenantFillsItsPart_IsRefusedWithRetryAfterAndOthersAreNot()
    {
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxRunning = 1, MaxWaiting = 4, MaxWaitingPerTenant = 1 });
        Task<HttpResponseMessage> running = await BlockAsync(server);
        Task<HttpResponseMessage> mine = server.PostAsync(Chat, Hi, (HeaderNames.Salt, "mine"));
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 1);

        using HttpResponseMessage refused = await server.PostAsync(Chat, Hi, (HeaderNames.Salt, "mine"));
        Task<HttpResponseMessage> other = server.PostAsync(Chat, Hi, (HeaderNames.Salt, "other"));
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 2);
        _gate.Set();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Contains("of this tenant", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(running, mine, other), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task Post_Priority_GoesBeforeThoseThatWait()
    {
        await using TestServer server = await TestServer.StartAsync(new SchedulingOptions { MaxRunning = 1 });
        Task<HttpResponseMessage> running = await BlockAsync(server);
        Task<HttpResponseMessage> first = server.PostAsync(Chat, Hi);
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 1);
        Task<HttpResponseMessage> urgent = server.PostAsync(Chat, Hi[..^1] + ",\"priority\":-1,\"speculate\":0}");
        await UntilAsync(() => server.Model.Engine!.Stats.Queued == 2);
        var order = new List<string>();
        Task both = Task.WhenAll(NoteAsync(first, "first"), NoteAsync(urgent, "urgent"));
        // The last to start waits until the other's answer is here: two answers close together may overtake each other on their way.
        server.Model.Runner.BeforeRun = _ =>
        {
            _gate.Wait(Cancellation);
            SpinWait.SpinUntil(() => server.Model.Engine!.Stats.Queued > 0 || order.Count > 0, TimeSpan.FromSeconds(10));
        };
        _gate.Set();
        await Task.WhenAll(running, both);

        Assert.Equal(["urgent", "first"], order);

        async Task NoteAsync(Task<HttpResponseMessage> answer, string name)
        {
            using HttpResponseMessage response = await answer;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            lock (order)
            {
                order.Add(name);
            }
        }
    }

    public void Dispose() => _gate.Dispose();

    /// <summary>Occupies the engine with one request until the gate opens.</summary>
    private async Task<Task<HttpResponseMessage>> BlockAsync(TestServer server)
    {
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Model.Runner.BeforeRun = _ =>
        {
            blocked.TrySetResult();
            _gate.Wait(Cancellation);
        };
        Task<HttpResponseMessage> running = server.PostAsync(Chat, Hi);
        await blocked.Task.WaitAsync(Cancellation);
        return running;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
