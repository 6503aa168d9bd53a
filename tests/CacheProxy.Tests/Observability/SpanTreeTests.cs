using System.Diagnostics;
using CacheProxy.Observability.Tracing;
using CacheProxy.SemanticCache;
using CacheProxy.TestKit;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Observability;

/// <summary>What a trace shows of each outcome.</summary>
[Collection(nameof(TracingCollection))]
public sealed class SpanTreeTests : IDisposable
{
    private const string Server = "POST /v1/chat/completions";

    private readonly SpanRecorder _spans = new();

    [Fact]
    public async Task Miss_HasTheLookUpTheCallAndTheRecording()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        Activity[] spans = await _spans.WaitAsync(Server, "lookup", "upstream", "record");

        Activity server = spans[0], upstream = spans.Single(span => span.OperationName == "upstream");
        Assert.Equal(["lookup", "upstream", "record"], spans[1..].Select(span => span.OperationName));
        Assert.All(spans[1..], span => Assert.Equal((server.TraceId, server.SpanId), (span.TraceId, span.ParentSpanId)));
        Assert.Equal((ActivityKind.Server, ActivityKind.Client), (server.Kind, upstream.Kind));
        Assert.Equal("miss|none|chat|m|m-2024|7|3|200", Tags(server, SpanTags.Outcome, SpanTags.Tier, SpanTags.Operation, SpanTags.RequestModel, SpanTags.ResponseModel, SpanTags.InputTokens, SpanTags.OutputTokens, SpanTags.Status));
        Assert.Equal(
            $"chat|m|m-2024|7|3|200|ok|127.0.0.1|{new Uri(proxy.Upstream.Url).Port}",
            Tags(upstream, SpanTags.Operation, SpanTags.RequestModel, SpanTags.ResponseModel, SpanTags.InputTokens, SpanTags.OutputTokens, SpanTags.Status, SpanTags.UpstreamResult, SpanTags.ServerAddress, SpanTags.ServerPort));
        Assert.Equal("exact|False", Tags(spans[1], SpanTags.Tier, SpanTags.Found));
        Assert.Equal("recorded", Tags(spans[3], SpanTags.RecordResult));
        Assert.True(upstream.Duration <= server.Duration);
    }

    [Fact]
    public async Task ExactHit_HasTheLookUpAlone()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await _spans.WaitAsync(Server, "record");
        await proxy.AskAsync();
        Activity[] spans = await _spans.WaitAsync(Server, Server);

        Activity server = spans.Last(span => span.OperationName == Server);
        Activity child = Assert.Single(spans, span => span.ParentSpanId == server.SpanId);
        Assert.Equal("lookup|exact|True", $"{child.OperationName}|{Tags(child, SpanTags.Tier, SpanTags.Found)}");
        Assert.Equal("exact|exact|m-2024|7|3", Tags(server, SpanTags.Outcome, SpanTags.Tier, SpanTags.ResponseModel, SpanTags.InputTokens, SpanTags.OutputTokens));
    }

    [Fact]
    public async Task SemanticHit_HasTheStepsOfTheCascadeAndItsSimilarity()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new Dictionary<string, string> { ["Semantic:Policy"] = "static" });
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        await proxy.AskAsync("What is the capital of France?");
        await Wait.UntilAsync(() => stage.IndexedQuestions > 0, "the question is indexed");
        await _spans.WaitAsync(Server);
        await proxy.AskAsync("Can you tell me the capital of France?");
        Activity[] spans = await _spans.WaitAsync(Server, Server);

        Activity server = spans.Last(span => span.OperationName == Server);
        Assert.Equal("semantic|semantic", Tags(server, SpanTags.Outcome, SpanTags.Tier));
        Assert.InRange((double)server.GetTagItem(SpanTags.Similarity)!, 0.8, 1);
        Activity lookup = Assert.Single(spans, span => span.ParentSpanId == server.SpanId && Tags(span, SpanTags.Tier) == "semantic");
        Assert.Equal(["embed", "search", "verify"], spans.Where(span => span.ParentSpanId == lookup.SpanId).Select(span => span.OperationName));
        Assert.Equal("True|none", Tags(lookup, SpanTags.Found, SpanTags.SemanticReason));
        Assert.DoesNotContain(spans, span => span.TraceId == server.TraceId && span.OperationName == "upstream");
    }

    [Fact]
    public async Task Collapsed_WaitsAndLinksToTheLeader()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "hello");
        };
        Task<Reply> leader = proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the leader's call");
        Task<Reply> follower = proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Waiters == 2, "both wait");
        go.SetResult();
        await Task.WhenAll(leader, follower);
        Activity[] spans = await _spans.WaitAsync(Server, Server, "wait", "record");

        Activity leading = spans.Single(span => Tags(span, SpanTags.Outcome) == "miss"), following = spans.Single(span => Tags(span, SpanTags.Outcome) == "collapsed");
        Activity wait = spans.Single(span => span.OperationName == "wait");
        Assert.Equal(following.SpanId, wait.ParentSpanId);
        ActivityLink link = Assert.Single(wait.Links);
        Assert.Equal((leading.TraceId, leading.SpanId), (link.Context.TraceId, link.Context.SpanId));
        Assert.Equal(leading.SpanId, spans.Single(span => span.OperationName == "upstream").ParentSpanId);
        Assert.Equal("7|3", Tags(following, SpanTags.InputTokens, SpanTags.OutputTokens));
    }

    [Fact]
    public async Task Refresh_IsATraceOfItsOwnThatLinksToTheRequest()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new Dictionary<string, string> { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "600" });
        await proxy.AskAsync();
        await _spans.WaitAsync(Server, "record");
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        await proxy.AskAsync();
        Activity[] spans = await _spans.WaitAsync(Server, Server, "background", "record", "record");

        Activity server = spans.Last(span => span.OperationName == Server), apart = spans.Single(span => span.OperationName == "background");
        Assert.Equal("stale", Tags(server, SpanTags.Outcome));
        Assert.NotEqual(server.TraceId, apart.TraceId);
        Assert.Equal(default, apart.ParentSpanId);
        Assert.Equal(server.SpanId, Assert.Single(apart.Links).Context.SpanId);
        Assert.Equal(["record", "upstream"], spans.Where(span => span.ParentSpanId == apart.SpanId).Select(span => span.OperationName).Order());
        string sent = proxy.Upstream.Requests.Last().Headers[TraceHeaders.Parent];
        Assert.Contains(apart.TraceId.ToHexString(), sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bypass_SaysWhy()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync(headers: ("Cache-Control", "no-store, no-cache"));
        Activity[] spans = await _spans.WaitAsync(Server, "upstream");

        Assert.Equal("bypass|none|no_cache_requested", Tags(spans[0], SpanTags.Outcome, SpanTags.Tier, SpanTags.Bypass));
        Assert.Equal([Server, "upstream"], spans.Select(span => span.OperationName));
        Assert.Equal("7|3", Tags(spans[1], SpanTags.InputTokens, SpanTags.OutputTokens));
    }

    [Fact]
    public async Task FailingUpstream_IsAnErrorOfBothSpans()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        };
        await proxy.AskAsync();
        Activity[] spans = await _spans.WaitAsync(Server, "upstream");

        Activity server = spans[0], upstream = spans.First(span => span.OperationName == "upstream");
        Assert.Equal((ActivityStatusCode.Error, "500", "500"), (server.Status, Tags(server, SpanTags.Status), Tags(server, SpanTags.ErrorType)));
        Assert.Equal((ActivityStatusCode.Error, "500", "500"), (upstream.Status, Tags(upstream, SpanTags.Status), Tags(upstream, SpanTags.ErrorType)));
    }

    [Fact]
    public async Task Attributes_HoldNoTextAndNoKey()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "a-secret-answer");
        await proxy.PostAsync("/v1/chat/completions?key=a-secret-query", ProxyUnderTest.Question("a-secret-question"), ("Authorization", "Bearer a-secret-key"));
        await proxy.PostAsync("/v1/files/a-file", "{}", ("x-api-key", "a-secret-key"));
        Activity[] spans = await _spans.WaitAsync(Server, "POST", "upstream", "upstream", "record");

        Assert.All(spans, span => Assert.DoesNotContain(span.TagObjects, tag => tag.Value?.ToString()?.Contains("secret", StringComparison.Ordinal) == true));
        Assert.All(spans, span => Assert.Empty(span.Events));
    }

    [Fact]
    public async Task Metrics_AsOpenMetrics_LeadToTheTrace()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        Activity server = (await _spans.WaitAsync(Server))[0];
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Accept", "application/openmetrics-text" } } };
        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var page = OpenMetricsPage.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        foreach (string name in (string[])["cacheproxy_requests", "cacheproxy_request_duration_seconds", "cacheproxy_lookup_duration_seconds"])
        {
            Assert.Equal(server.TraceId.ToHexString(), Assert.Single(page[name].Samples, sample => sample.Exemplar is not null).Exemplar!["trace_id"]);
        }
    }

    [Fact]
    public async Task OperatorsPaths_AreNotTraced()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        foreach (string path in (string[])["/metrics", "/healthz", "/readyz?verbose", "/admin/epochs"])
        {
            using HttpResponseMessage response = await proxy.Client.GetAsync(path, TestContext.Current.CancellationToken);
        }

        Assert.Empty(_spans.Ended);
    }

    public void Dispose() => _spans.Dispose();

    private static string Tags(Activity span, params string[] names) => string.Join('|', names.Select(name => span.GetTagItem(name)));
}
