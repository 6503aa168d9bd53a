using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.TestKit.Soak;
using CacheProxy.Protocol;

namespace CacheProxy.Benchmarks.Scheduling;

/// <summary>The backend over HTTP: streamed completions of token prompts. A client that goes away closes its connection.</summary>
internal sealed class HttpSoakTarget(HttpClient client, string model) : ISoakTarget
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    public async Task<SoakAnswer> AskAsync(GenerationRequest request, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await client.SendAsync(Message(request), HttpCompletionOption.ResponseHeadersRead, cancellation);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await ReadAsync(response, start, cancellation),
                HttpStatusCode.TooManyRequests => new SoakAnswer(SoakOutcome.Refused, null, 0, response.Headers.RetryAfter is null ? "A 429 had no Retry-After." : null),
                HttpStatusCode.GatewayTimeout => new SoakAnswer(SoakOutcome.TimedOut, null, 0, request.Deadline is null ? "A request without a deadline got 504." : null),
                HttpStatusCode status => new SoakAnswer(SoakOutcome.Failed, null, 0, $"HTTP {(int)status}: {await response.Content.ReadAsStringAsync(cancellation)}"),
            };
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new SoakAnswer(SoakOutcome.Cancelled, null, 0);
        }
    }

    public async Task<IReadOnlyList<string>> FindLeaksAsync()
    {
        string[] idle = ["cacheproxy_engine_sequences_running{", "cacheproxy_engine_sequences_waiting{", "cacheproxy_engine_blocks{cacheproxy_engine_block_state=\"leased\""];
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string[] held = [.. (await client.GetStringAsync("/metrics")).Split('\n').Where(line => idle.Any(name => line.StartsWith(name, StringComparison.Ordinal)) && !line.EndsWith(" 0", StringComparison.Ordinal))];
            if (held.Length == 0 || Stopwatch.GetElapsedTime(start) > IdleLimit)
            {
                return held;
            }
        }
    }

    private static async Task<SoakAnswer> ReadAsync(HttpResponseMessage response, long start, CancellationToken cancellation)
    {
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
        TimeSpan? first = null;
        int tokens = 0;
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line == "data: [DONE]")
            {
                return new SoakAnswer(SoakOutcome.Answered, first, tokens);
            }

            if (line.StartsWith("data: {", StringComparison.Ordinal))
            {
                first ??= Stopwatch.GetElapsedTime(start);
                JsonNode item = JsonNode.Parse(line["data: ".Length..])!;
                if (item["error"] is { } error)
                {
                    bool isLate = (string?)error["code"] == "deadline_exceeded";
                    return new SoakAnswer(isLate ? SoakOutcome.TimedOut : SoakOutcome.Failed, first, tokens, isLate ? null : error.ToJsonString());
                }

                tokens = (int?)item["usage"]?["completion_tokens"] ?? tokens;
            }
        }

        return new SoakAnswer(SoakOutcome.Failed, first, tokens, "A stream ended without [DONE] or an error.");
    }

    private HttpRequestMessage Message(GenerationRequest request)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["prompt"] = new JsonArray([.. request.PromptTokens.Select(token => (JsonNode)token)]),
            ["max_tokens"] = request.MaxTokens,
            ["temperature"] = Math.Min(2, request.Sampling.Temperature),
            ["top_p"] = request.Sampling.TopP,
            ["priority"] = request.Priority,
            ["ignore_eos"] = request.IgnoreEndOfSequence,
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        if (request.Speculate is { } speculate)
        {
            body["speculate"] = speculate;
        }

        var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
        message.Headers.Add(HeaderNames.Salt, request.Salt);
        if (request.Deadline is { } deadline)
        {
            double left = Math.Max(1, (deadline - TimeProvider.System.GetUtcNow()).TotalMilliseconds);
            message.Headers.Add(HeaderNames.RequestTimeout, Math.Ceiling(left).ToString(CultureInfo.InvariantCulture));
        }

        return message;
    }
}
