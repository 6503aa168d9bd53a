using System.Diagnostics;
using CacheProxy.Observability.Tracing;
using CacheProxy.Tests.Embeddings;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Observability;

/// <summary>What a trace shows of embedding requests, which have steps of their own.</summary>
[Collection(nameof(TracingCollection))]
public sealed class EmbeddingSpanTests : IDisposable
{
    private const string Server = "POST /v1/embeddings";

    private readonly SpanRecorder _spans = new();

    [Fact]
    public async Task Miss_HasTheLookUpTheCallAndTheRecording()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { "a", "b" });
        Activity[] spans = await _spans.WaitAsync(Server, "lookup", "upstream", "record");

        Activity server = spans.Single(span => span.OperationName == Server);
        Assert.Equal(["lookup", "record", "upstream"], spans.Where(span => span != server).Select(span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.All(spans.Where(span => span != server), span => Assert.Equal((server.TraceId, server.SpanId), (span.TraceId, span.ParentSpanId)));
        Assert.Equal("exact|False|2|0", Tags(spans.Single(span => span.OperationName == "lookup"), SpanTags.Tier, SpanTags.Found, SpanTags.Inputs, SpanTags.InputsFound));
        Assert.Equal("recorded", Tags(spans.Single(span => span.OperationName == "record"), SpanTags.RecordResult));
        Assert.Equal("embeddings|miss", Tags(server, SpanTags.Operation, SpanTags.Outcome));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hit_HasTheLookUpAlone(bool isStale)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(new Dictionary<string, string> { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "600" });
        await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        await _spans.WaitAsync(Server, "record");
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(isStale ? 90 : 1));
        Reply reply = await sut.AskAsync(new[] { "b", "a", "b" });
        Activity[] spans = await _spans.WaitAsync([Server, Server, .. isStale ? (string[])["background", "record", "record"] : []]);

        Assert.Equal([EmbeddingUpstream.Vector("b"), EmbeddingUpstream.Vector("a"), EmbeddingUpstream.Vector("b")], reply.Vectors());
        Activity server = spans.Last(span => span.OperationName == Server);
        Activity lookup = Assert.Single(spans, span => span.ParentSpanId == server.SpanId);
        Assert.Equal("lookup|exact|True|3|3", $"{lookup.OperationName}|{Tags(lookup, SpanTags.Tier, SpanTags.Found, SpanTags.Inputs, SpanTags.InputsFound)}");
        Assert.Equal(isStale ? "stale" : "exact", Tags(server, SpanTags.Outcome));
        if (isStale)
        {
            Activity apart = spans.Single(span => span.OperationName == "background");
            Assert.Equal(["record", "upstream"], spans.Where(span => span.ParentSpanId == apart.SpanId).Select(span => span.OperationName).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Overlap_WaitsAndLinksToWhoMakesTheRest()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        var gate = new TaskCompletionSource();
        sut.Script = async (context, body, _) =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            await EmbeddingUpstream.AnswerAsync(context, body);
        };
        Task<Reply> first = sut.AskAsync(new[] { "a", "b" });
        await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == 1, "the first call");
        Task<Reply> second = sut.AskAsync(new[] { "b", "c" });
        await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == 2, "the second call");
        gate.SetResult();
        await Task.WhenAll(first, second);
        Activity[] spans = await _spans.WaitAsync(Server, Server, "wait", "upstream", "upstream", "record", "record");

        Activity wait = Assert.Single(spans, span => span.OperationName == "wait");
        Activity[] servers = [.. spans.Where(span => span.OperationName == Server)];
        Activity leading = servers.Single(span => span.SpanId != wait.ParentSpanId), following = servers.Single(span => span.SpanId == wait.ParentSpanId);
        Assert.Equal((leading.TraceId, leading.SpanId), (Assert.Single(wait.Links).Context.TraceId, wait.Links.Single().Context.SpanId));
        Assert.Equal(following.TraceId, wait.TraceId);
        // What it asks for itself is its own trace's.
        Assert.Equal(["lookup", "record", "upstream", "wait"], spans.Where(span => span.ParentSpanId == following.SpanId).Select(span => span.OperationName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Answer_ThatDoesNotFit_IsNotRecordedAndSaysWhy()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = async (context, _, _) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"object":"list","data":[]}""", context.RequestAborted);
        };
        await sut.AskAsync("a");
        Activity[] spans = await _spans.WaitAsync(Server, "record");

        Assert.Equal("malformed", Tags(spans.Single(span => span.OperationName == "record"), SpanTags.RecordResult));
    }

    public void Dispose() => _spans.Dispose();

    private static string Tags(Activity span, params string[] names) => string.Join('|', names.Select(name => span.GetTagItem(name)));
}
