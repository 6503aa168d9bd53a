using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>What a trace shows of a request to the backend. Each test has a trace of its own: others run beside it.</summary>
public sealed class SpanTests : IDisposable
{
    private const string Chat = """{"model":"scripted","messages":[{"role":"user","content":"a secret question"}],"temperature":0.5,"max_tokens":100}""";

    private static readonly string[] Steps = [EngineSpans.Queue, EngineSpans.Prefill, EngineSpans.Decode];

    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == InferenceHost.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0 ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == _trace)
                {
                    _ended.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private string Parent => $"00-{_trace.ToHexString()}-b7ad6b7169203331-01";

    [Theory]
    [InlineData("/v1/chat/completions", Chat, "chat")]
    [InlineData("/v1/completions", """{"model":"scripted","prompt":"a secret question","max_tokens":100,"temperature":0.5}""", "text_completion")]
    [InlineData("/v1/responses", """{"model":"scripted","input":"a secret question","max_output_tokens":100,"temperature":0.5}""", "chat")]
    [InlineData("/v1/messages", """{"model":"scripted","max_tokens":100,"temperature":0.5,"messages":[{"role":"user","content":"a secret question"}]}""", "chat")]
    public async Task Request_GoesOnWithTheCallersTrace_StepByStep(string path, string body, string operation)
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync(path, body, ("traceparent", Parent));
        Activity[] spans = await EndedAsync(5);

        Activity outer = spans.Single(span => span.Kind == ActivityKind.Server), request = spans.Single(span => span.OperationName == EngineSpans.Request);
        Assert.Equal(("POST " + path, "b7ad6b7169203331"), (outer.OperationName, outer.ParentSpanId.ToHexString()));
        Assert.Equal($"{operation}|scripted|200|POST|{path}", Tags(outer, "gen_ai.operation.name", EngineSpans.RequestModel, "http.response.status_code", "http.request.method", "http.route"));
        Assert.Equal(outer.SpanId, request.ParentSpanId);
        Activity[] steps = [.. spans.Where(span => span.ParentSpanId == request.SpanId).OrderBy(span => span.StartTimeUtc)];
        Assert.Equal(Steps, steps.Select(span => span.OperationName));
        Assert.Equal("scripted|scripted|100|0.5", Tags(request, EngineSpans.RequestModel, EngineSpans.ResponseModel, EngineSpans.MaxTokens, EngineSpans.Temperature));
        Assert.Equal(["stop"], (string[])request.GetTagItem(EngineSpans.FinishReasons)!);
        AssertTimes(request, steps);
        Assert.All(spans, span => Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true));
    }

    [Fact]
    public async Task Prompt_ThatIsCached_SaysSo()
    {
        await using TestServer server = await TestServer.StartAsync();
        string body = """{"model":"scripted","messages":[{"role":"user","content":"WORDS"}]}""".Replace("WORDS", new string('a', 100), StringComparison.Ordinal);
        await server.AskAsync("/v1/chat/completions", body);
        await server.AskAsync("/v1/chat/completions", body, ("traceparent", Parent));
        Activity[] spans = await EndedAsync(5);

        Activity prefill = spans.Single(span => span.OperationName == EngineSpans.Prefill), request = spans.Single(span => span.OperationName == EngineSpans.Request);
        Assert.InRange((int)prefill.GetTagItem(EngineSpans.CachedTokens)!, 64, (int)prefill.GetTagItem(EngineSpans.InputTokens)! - 1);
        Assert.Equal(prefill.GetTagItem(EngineSpans.CachedTokens), request.GetTagItem(EngineSpans.CachedTokens));
        Assert.Equal(Tags(request, EngineSpans.InputTokens, EngineSpans.OutputTokens), Tags(request, EngineSpans.PromptTokens, EngineSpans.CompletionTokens));
        Assert.Equal(request.GetTagItem(EngineSpans.OutputTokens), spans.Single(span => span.OperationName == EngineSpans.Decode).GetTagItem(EngineSpans.OutputTokens));
    }

    [Fact]
    public async Task Choices_HaveASpanEach()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync("/v1/chat/completions", Chat[..^1] + ",\"n\":3}", ("traceparent", Parent));
        Activity[] spans = await EndedAsync(13);

        Assert.Equal(3, spans.Count(span => span.OperationName == EngineSpans.Request));
        Assert.Single(spans.Where(span => span.OperationName == EngineSpans.Request).Select(span => span.ParentSpanId).Distinct());
    }

    [Fact]
    public async Task Embeddings_HaveTheServersSpanAlone()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync("/v1/embeddings", $$"""{"model":"{{WordEmbedder.Id}}","input":"three short words"}""", ("traceparent", Parent));
        Activity span = (await EndedAsync(1)).Single();

        Assert.Equal($"embeddings|{WordEmbedder.Id}|200", Tags(span, "gen_ai.operation.name", EngineSpans.RequestModel, "http.response.status_code"));
        Assert.True((long)span.GetTagItem(EngineSpans.InputTokens)! > 0);
    }

    [Fact]
    public async Task Refusal_HasTheServersSpanAlone()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", Chat.Replace("scripted", "nobody", StringComparison.Ordinal), ("traceparent", Parent));
        Activity span = (await EndedAsync(1)).Single();

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(("404|", ActivityStatusCode.Unset), (Tags(span, "http.response.status_code", EngineSpans.ErrorType), span.Status));
    }

    [Fact]
    public async Task ModelThatFails_IsAnErrorOfAllSpansButTheSteps()
    {
        await using TestServer server = await TestServer.StartAsync();
        server.Model.Runner.BeforeRun = _ => throw new InvalidOperationException("broken");
        using HttpResponseMessage response = await server.PostAsync("/v1/chat/completions", Chat, ("traceparent", Parent));
        Activity[] spans = await EndedAsync(4);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Activity request = spans.Single(span => span.OperationName == EngineSpans.Request);
        Assert.Equal((ActivityStatusCode.Error, "error"), (request.Status, Tags(request, EngineSpans.ErrorType)));
        Assert.Equal(ActivityStatusCode.Error, spans.Single(span => span.Kind == ActivityKind.Server).Status);
        Assert.DoesNotContain(spans, span => span.OperationName == EngineSpans.Decode);
    }

    [Fact]
    public async Task CallerThatDoesNotSample_IsNotTraced()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync("/v1/chat/completions", Chat, ("traceparent", Parent[..^1] + "0"));
        using HttpResponseMessage metrics = await server.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Empty(_ended);
    }

    [Fact]
    public async Task Metrics_AsOpenMetrics_LeadToTheTrace()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync("/v1/chat/completions", Chat, ("traceparent", Parent));
        Activity request = (await EndedAsync(5)).Single(span => span.OperationName == EngineSpans.Request);
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Accept", "application/openmetrics-text" } } };
        using HttpResponseMessage response = await server.Client.SendAsync(asked, TestContext.Current.CancellationToken);
        string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        foreach (string name in (string[])["gen_ai_server_time_to_first_token_seconds", "gen_ai_server_request_duration_seconds", "cacheproxy_engine_queue_duration_seconds"])
        {
            Assert.Contains(page.Split('\n'), line => line.StartsWith(name + "_bucket", StringComparison.Ordinal)
                && line.Contains($"trace_id=\"{_trace.ToHexString()}\",span_id=\"{request.SpanId.ToHexString()}\"", StringComparison.Ordinal));
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task<Activity[]> EndedAsync(int count)
    {
        while (_ended.Count < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return [.. _ended];
    }

    private static void AssertTimes(Activity request, Activity[] steps)
    {
        double[] seconds = [.. ((string[])[EngineSpans.TimeInQueue, EngineSpans.TimeInPrefill, EngineSpans.TimeInDecode]).Select(name => (double)request.GetTagItem(name)!)];
        Assert.All(seconds, value => Assert.True(value >= 0));
        AssertClose((double)request.GetTagItem(EngineSpans.EndToEnd)!, seconds.Sum());
        AssertClose((double)request.GetTagItem(EngineSpans.TimeToFirstToken)!, seconds[0] + seconds[1]);
        AssertClose((double)request.GetTagItem(EngineSpans.TimeInInference)!, seconds[1] + seconds[2]);
        Assert.All(steps, step => Assert.InRange(step.StartTimeUtc, request.StartTimeUtc, request.StartTimeUtc + request.Duration));
        Assert.All(steps.Zip(seconds), pair => AssertClose(pair.Second, pair.First.Duration.TotalSeconds));
        Assert.Equal(request.StartTimeUtc + request.Duration, steps[^1].StartTimeUtc + steps[^1].Duration);
    }

    // Each is rounded to a tenth of a microsecond.
    private static void AssertClose(double expected, double actual) => Assert.InRange(actual, expected - 1e-6, expected + 1e-6);

    private static string Tags(Activity span, params string[] names) => string.Join('|', names.Select(name => Convert.ToString(span.GetTagItem(name), System.Globalization.CultureInfo.InvariantCulture)));
}
