using CacheProxy.Inference.Server;
using CacheProxy.Observability.Export;
using CacheProxy.Observability.Tracing;
using CacheProxy.Pipeline;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Observability;

/// <summary>One trace from the client through the proxy into the bundled engine, as a collector gets it.</summary>
[Collection(nameof(TracingCollection))]
public class BackendTraceTests
{
    [Fact]
    public async Task Miss_IsOneTraceFromTheClientToTheLastToken()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c", parent = "b7ad6b7169203331";
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using InferenceHost backend = await InferenceHost.StartAsync(
            new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = ModelFolder.Find() }, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        await backend.Ready;
        var settings = new Dictionary<string, string> { ["Observability:OtlpEndpoint"] = collector.Url };
        await using (ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(settings, upstreamUrl: backend.Address.ToString()))
        {
            await proxy.SendAsync(
                """{"model":"smollm2-135m-instruct","messages":[{"role":"user","content":"Say hello."}],"temperature":0,"max_tokens":4}""",
                (TraceHeaders.Parent, $"00-{trace}-{parent}-01"));
            await Wait.UntilAsync(() => proxy.Flights == 0, "the flight has landed");
            await proxy.Services.GetServices<IHostedService>().OfType<TelemetryExport>().Single().StopAsync(TestContext.Current.CancellationToken);
        }

        OtlpMessage[] spans = [.. collector.Received.Where(received => received.Path == "/v1/traces").SelectMany(received => received.Body.All(1, 2, 2))];
        Dictionary<string, string> paths = spans.ToDictionary(IdOf, span => PathOf(span, spans));
        Assert.All(spans, span => Assert.Equal(trace, Convert.ToHexStringLower(span.Bytes(1))));
        Assert.Equal(
            [
                "POST /v1/chat/completions",
                "POST /v1/chat/completions > lookup",
                "POST /v1/chat/completions > record",
                "POST /v1/chat/completions > upstream",
                "POST /v1/chat/completions > upstream > POST /v1/chat/completions",
                "POST /v1/chat/completions > upstream > POST /v1/chat/completions > llm_request",
                "POST /v1/chat/completions > upstream > POST /v1/chat/completions > llm_request > decode",
                "POST /v1/chat/completions > upstream > POST /v1/chat/completions > llm_request > prefill",
                "POST /v1/chat/completions > upstream > POST /v1/chat/completions > llm_request > queue",
            ],
            paths.Values.Order(StringComparer.Ordinal));
        Assert.Equal(parent, Convert.ToHexStringLower(spans.Single(span => paths[IdOf(span)] == "POST /v1/chat/completions").Bytes(4)));
        AssertInside(spans);
        OtlpMessage request = spans.Single(span => span.Text(5) == "llm_request"), upstream = spans.Single(span => span.Text(5) == "upstream");
        Assert.Equal((upstream.Attribute(9, SpanTags.InputTokens), upstream.Attribute(9, SpanTags.OutputTokens)), (request.Attribute(9, SpanTags.InputTokens), request.Attribute(9, "gen_ai.usage.completion_tokens")));
    }

    private static string IdOf(OtlpMessage span) => Convert.ToHexStringLower(span.Bytes(2));

    private static string PathOf(OtlpMessage span, OtlpMessage[] spans)
        => spans.SingleOrDefault(other => other.Bytes(2).AsSpan().SequenceEqual(span.Bytes(4))) is { } parent ? $"{PathOf(parent, spans)} > {span.Text(5)}" : span.Text(5);

    // Nothing begins before its parent. Ends overlap: who has the last byte need not wait for whoever sent it. The engine's steps are its own.
    private static void AssertInside(OtlpMessage[] spans)
    {
        // A clock's tick may lie between two that were read one after the other.
        const ulong tick = 1_000_000;
        foreach (OtlpMessage span in spans)
        {
            if (spans.SingleOrDefault(other => other.Bytes(2).AsSpan().SequenceEqual(span.Bytes(4))) is { } parent)
            {
                Assert.True(span.Number(7) + tick >= parent.Number(7), $"{span.Text(5)} begins before {parent.Text(5)}");
                Assert.True(parent.Text(5) != "llm_request" || span.Number(8) <= parent.Number(8), $"{span.Text(5)} ends after {parent.Text(5)}");
            }
        }
    }
}
