using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Benchmarks;

/// <summary>A thousand clients that ask the same uncached thing at once: one upstream call, and every client gets the whole stream.</summary>
internal sealed class FlightsBenchmark : IBenchmark
{
    private const int Words = 50;
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    private int _calls;

    public string Name => "flights";

    public string Summary => "clients that ask the same uncached stream at once: upstream calls, completeness, time to first byte [--clients 1000] [--runs 3]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int clients = Arguments.Number(arguments, "--clients", 1000), runs = Arguments.Number(arguments, "--runs", 3);
        await using WebApplication upstream = await StartUpstreamAsync(cancellationToken);
        using var proxy = new ProxyProcess(new Dictionary<string, string>
        {
            ["CACHEPROXY__Backend__Mode"] = "none",
            ["CACHEPROXY__Semantic__Policy"] = "off",
            ["CACHEPROXY__Upstreams__0__Name"] = "slow",
            ["CACHEPROXY__Upstreams__0__BaseUrl"] = upstream.Urls.First(),
        });
        await proxy.WaitUntilReadyAsync(cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = int.MaxValue });
        // Connections are open and code is compiled before anything is timed.
        await AskAllAsync(http, proxy.ChatCompletions, "warm-up", clients, cancellationToken);
        for (int run = 0; run < runs; run++)
        {
            Interlocked.Exchange(ref _calls, 0);
            Answer[] answers = await AskAllAsync(http, proxy.ChatCompletions, $"question {run}", clients, cancellationToken);
            Report(answers, Volatile.Read(ref _calls));
        }
    }

    private static void Report(Answer[] answers, int calls)
    {
        string expected = Stream();
        if (calls != 1 || answers.Any(answer => answer.Text != expected))
        {
            throw new InvalidOperationException($"{calls} upstream calls; {answers.Count(answer => answer.Text != expected)} of {answers.Length} clients got something else.");
        }

        Answer[] followers = [.. answers.Where(answer => answer.Status.EndsWith("collapsed", StringComparison.Ordinal))];
        double leader = answers.Single(answer => answer.Status.EndsWith("stored", StringComparison.Ordinal)).FirstByteSeconds * 1e3;
        double p50 = Statistics.Median(followers.Select(answer => answer.FirstByteSeconds)) * 1e3, p99 = Statistics.Percentile(followers.Select(answer => answer.FirstByteSeconds), 0.99) * 1e3;
        double total = answers.Max(answer => answer.TotalSeconds) * 1e3;
        Console.WriteLine(
            $"{answers.Length} clients: {calls} upstream call, all {answers.Length} complete and equal; first byte of the leader {leader:F1} ms, "
            + $"of {followers.Length} followers p50 {p50:F1} ms, p99 {p99:F1} ms (ratio to the leader {p50 / leader:F2}, {p99 / leader:F2}); "
            + $"last byte of the last client {total:F0} ms, of the upstream {Words * s_step.TotalMilliseconds:F0} ms");
    }

    private static Task<Answer[]> AskAllAsync(HttpClient http, Uri url, string question, int clients, CancellationToken cancellationToken)
        => Task.WhenAll(Enumerable.Range(0, clients).Select(_ => AskAsync(http, url, question, cancellationToken)));

    private static async Task<Answer> AskAsync(HttpClient http, Uri url, string question, CancellationToken cancellationToken)
    {
        string body = $$$"""{"model":"m","messages":[{"role":"user","content":"{{{question}}}"}],"stream":true,"stream_options":{"include_usage":true} }""";
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var text = new MemoryStream();
        byte[] bytes = new byte[1024];
        int count = await stream.ReadAsync(bytes, cancellationToken);
        double firstByte = Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (; count > 0; count = await stream.ReadAsync(bytes, cancellationToken))
        {
            text.Write(bytes, 0, count);
        }

        string status = string.Join(", ", response.Headers.GetValues("Cache-Status"));
        return response.StatusCode == HttpStatusCode.OK
            ? new Answer(firstByte, Stopwatch.GetElapsedTime(start).TotalSeconds, status, Encoding.UTF8.GetString(text.ToArray()))
            : throw new InvalidOperationException($"{response.StatusCode}: {Encoding.UTF8.GetString(text.ToArray())}");
    }

    private async Task<WebApplication> StartUpstreamAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            Interlocked.Increment(ref _calls);
            context.Response.ContentType = "text/event-stream";
            foreach (string chunk in Chunks())
            {
                await Task.Delay(s_step, TimeProvider.System, context.RequestAborted);
                await context.Response.WriteAsync(chunk, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static string Stream() => string.Concat(Chunks());

    private static IEnumerable<string> Chunks()
    {
        const string Head = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\"choices\":";
        for (int i = 0; i < Words; i++)
        {
            yield return $"{Head}[{{\"index\":0,\"delta\":{{\"content\":\"word{i} \"}},\"finish_reason\":null}}]}}\n\n";
        }

        yield return $"{Head}[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\n{Head}[],\"usage\":{{\"prompt_tokens\":7,\"completion_tokens\":{Words},\"total_tokens\":{Words + 7}}}}}\n\ndata: [DONE]\n\n";
    }

    private sealed record Answer(double FirstByteSeconds, double TotalSeconds, string Status, string Text);
}
