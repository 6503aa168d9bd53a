using System.Diagnostics;
using CacheProxy.Observability.Tracing;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Functional.Shared;

namespace CacheProxy.Tests.Observability;

/// <summary>A request that reads another proxy's answer: its trace leads to that one's.</summary>
[Collection(nameof(TracingCollection))]
public sealed class SharedFlightSpanTests : IDisposable
{
    private const string Server = "POST /v1/chat/completions";

    private readonly SpanRecorder _spans = new();

    [Fact]
    public async Task Follower_OnAnotherProxy_LinksToTheLeadersSpan()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["one ", "two"], i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);
        // The first words are there when the second client asks, and the answer is not over before it reads them.
        using HttpResponseMessage leader = await fleet[0].BeginAsync(ProxyUnderTest.Question(stream: true), [(TraceHeaders.Parent, $"00-{trace}-b7ad6b7169203331-01")]);
        using HttpResponseMessage follower = await fleet[1].BeginAsync(ProxyUnderTest.Question(stream: true));
        go.SetResult();
        await Task.WhenAll(leader.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), follower.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Activity[] spans = await _spans.WaitAsync(Server, Server, "wait");

        Assert.Equal(1, fleet.Upstream.Calls);
        Activity leading = spans.Single(span => span.OperationName == Server && span.TraceId.ToHexString() == trace);
        Activity wait = spans.Single(span => span.OperationName == "wait" && span.GetTagItem(SpanTags.FlightShared) is true);
        ActivityLink link = Assert.Single(wait.Links);
        Assert.Equal((leading.TraceId, leading.SpanId, true), (link.Context.TraceId, link.Context.SpanId, link.Context.IsRemote));
        Assert.NotEqual(leading.TraceId, wait.TraceId);
        Assert.Contains(spans, span => span.OperationName == Server && span.SpanId == wait.ParentSpanId);
    }

    public void Dispose() => _spans.Dispose();
}
