using System.Text;

namespace CacheProxy.Benchmarks.Miss;

/// <summary>What a miss costs: throughput, added latency and the first byte of a stream, beside YARP alone in front of the same upstream.</summary>
internal sealed class MissBenchmark : IBenchmark
{
    private const int Streams = 400;

    public string Name => "miss";

    public string Summary => "misses per second, added latency and first byte, as a ratio to YARP alone [--runs 5] [--seconds 5] (needs nginx and wrk)";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int runs = Arguments.Number(arguments, "--runs", 5), seconds = Arguments.Number(arguments, "--seconds", 5);
        using var upstream = new NginxUpstream();
        await upstream.WaitUntilReadyAsync(cancellationToken);
        using var yarp = new YarpPeer(upstream.Url);
        using var proxy = new ProxyProcess(new Dictionary<string, string>
        {
            ["CACHEPROXY__Backend__Mode"] = "none",
            ["CACHEPROXY__Semantic__Policy"] = "off",
            ["CACHEPROXY__Upstreams__0__Name"] = "fixed",
            ["CACHEPROXY__Upstreams__0__BaseUrl"] = upstream.Url.ToString(),
        });
        await yarp.WaitUntilReadyAsync(cancellationToken);
        await proxy.WaitUntilReadyAsync(cancellationToken);
        using var posts = new DistinctPosts();
        await ThroughputAsync(posts, yarp, proxy, runs, seconds, cancellationToken);
        await LatencyAsync(posts, upstream, yarp, proxy, runs, Math.Min(seconds, 3), cancellationToken);
        await FirstByteAsync(upstream, yarp, proxy, cancellationToken);
    }

    private static async Task ThroughputAsync(DistinctPosts posts, YarpPeer yarp, ProxyProcess proxy, int runs, int seconds, CancellationToken cancellationToken)
    {
        // Twice: the compiler still works in the background after the first.
        for (int warmUp = 0; warmUp < 2; warmUp++)
        {
            await posts.RunAsync(yarp.ChatCompletions, 32, seconds, cancellationToken);
            await posts.RunAsync(proxy.ChatCompletions, 32, seconds, cancellationToken);
        }

        await ValidateAsync(posts, proxy.ChatCompletions, cancellationToken);
        var peer = new List<WrkRun>();
        var ours = new List<WrkRun>();
        double peerSeconds = 0, ourSeconds = 0;
        for (int run = 0; run < runs; run++)
        {
            double before = yarp.ProcessorSeconds;
            peer.Add(await posts.RunAsync(yarp.ChatCompletions, 32, seconds, cancellationToken));
            peerSeconds += yarp.ProcessorSeconds - before;
            before = proxy.ProcessorSeconds;
            ours.Add(await posts.RunAsync(proxy.ChatCompletions, 32, seconds, cancellationToken));
            ourSeconds += proxy.ProcessorSeconds - before;
        }

        double ourCost = ourSeconds * 1e6 / (ours.Sum(r => r.RequestsPerSecond) * seconds), peerCost = peerSeconds * 1e6 / (peer.Sum(r => r.RequestsPerSecond) * seconds);

        double ratio = Statistics.Median(ours.Zip(peer, (o, p) => o.RequestsPerSecond / p.RequestsPerSecond));
        Console.WriteLine(
            $"32 connections: {Statistics.Median(ours.Select(r => r.RequestsPerSecond)):F0} misses/s against YARP alone "
            + $"{Statistics.Median(peer.Select(r => r.RequestsPerSecond)):F0} (ratio {ratio:F2}); p99 {Milliseconds(ours, r => r.P99):F2} ms against {Milliseconds(peer, r => r.P99):F2} ms; "
            + $"processor {ourCost:F0} us a request against {peerCost:F0} us; memory {proxy.WorkingSetBytes >> 20} MB");
    }

    private static async Task LatencyAsync(
        DistinctPosts posts, NginxUpstream upstream, YarpPeer yarp, ProxyProcess proxy, int runs, int seconds, CancellationToken cancellationToken)
    {
        var direct = new List<WrkRun>();
        var peer = new List<WrkRun>();
        var ours = new List<WrkRun>();
        List<double>[] each = [[], [], []];
        for (int run = 0; run < runs; run++)
        {
            direct.Add(await posts.RunAsync(upstream.ChatCompletions, 1, seconds, cancellationToken));
            peer.Add(await posts.RunAsync(yarp.ChatCompletions, 1, seconds, cancellationToken));
            ours.Add(await posts.RunAsync(proxy.ChatCompletions, 1, seconds, cancellationToken));
            each[0].AddRange(posts.Time(upstream.ChatCompletions, seconds));
            each[1].AddRange(posts.Time(yarp.ChatCompletions, seconds));
            each[2].AddRange(posts.Time(proxy.ChatCompletions, seconds));
        }

        Console.WriteLine(
            $" 1 connection: p50 {Milliseconds(ours, r => r.P50):F3} ms, YARP alone {Milliseconds(peer, r => r.P50):F3} ms, upstream itself {Milliseconds(direct, r => r.P50):F3} ms: "
            + $"added {Added(ours, direct, r => r.P50):F3} ms to the upstream, {Added(ours, peer, r => r.P50):F3} ms to YARP; "
            + $"p99 {Milliseconds(ours, r => r.P99):F3} / {Milliseconds(peer, r => r.P99):F3} / {Milliseconds(direct, r => r.P99):F3} ms: "
            + $"added {Added(ours, direct, r => r.P99):F3} ms to the upstream, {Added(ours, peer, r => r.P99):F3} ms to YARP");
        // wrk's percentiles are of time: a stall counts as all requests that would have been sent in it.
        double[] p50 = [.. each.Select(times => Statistics.Percentile(times, 0.5) * 1e3)], p99 = [.. each.Select(times => Statistics.Percentile(times, 0.99) * 1e3)];
        double[] p999 = [.. each.Select(times => Statistics.Percentile(times, 0.999) * 1e3)];
        Console.WriteLine(
            $" of requests, each by itself: p50 {p50[2]:F3} / {p50[1]:F3} / {p50[0]:F3} ms, p99 {p99[2]:F3} / {p99[1]:F3} / {p99[0]:F3} ms (added {p99[2] - p99[1]:F3} ms to YARP), "
            + $"p99.9 {p999[2]:F3} / {p999[1]:F3} / {p999[0]:F3} ms");
    }

    private static async Task FirstByteAsync(NginxUpstream upstream, YarpPeer yarp, ProxyProcess proxy, CancellationToken cancellationToken)
    {
        using var timer = new FirstByteTimer();
        Uri[] urls = [upstream.ChatCompletions, yarp.ChatCompletions, proxy.ChatCompletions];
        List<double>[] seconds = [[], [], []];
        for (int i = 0; i < Streams * 2; i++)
        {
            for (int target = 0; target < urls.Length; target++)
            {
                double elapsed = await timer.TimeAsync(urls[target], cancellationToken);
                if (i >= Streams)
                {
                    seconds[target].Add(elapsed);
                }
            }
        }

        double[] p50 = [.. seconds.Select(times => Statistics.Median(times) * 1e3)], p99 = [.. seconds.Select(times => Statistics.Percentile(times, 0.99) * 1e3)];
        Console.WriteLine(
            $" first byte of a stream: p50 {p50[2]:F3} ms, YARP alone {p50[1]:F3} ms, upstream itself {p50[0]:F3} ms: {p50[2] - p50[1]:F3} ms later than YARP; "
            + $"p99 {p99[2]:F3} / {p99[1]:F3} / {p99[0]:F3} ms");
    }

    private static double Milliseconds(List<WrkRun> runs, Func<WrkRun, double> value) => Statistics.Median(runs.Select(value)) * 1e3;

    private static double Added(List<WrkRun> ours, List<WrkRun> theirs, Func<WrkRun, double> value)
        => Statistics.Median(ours.Zip(theirs, (o, t) => value(o) - value(t))) * 1e3;

    /// <summary>What wrk sent was a miss each time, and is stored: asked again, it is a hit.</summary>
    private static async Task ValidateAsync(DistinctPosts posts, Uri url, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        string first = await StatusAsync(http, url, "never asked", cancellationToken);
        if (first != "CacheProxy; fwd=miss; stored")
        {
            throw new InvalidOperationException($"A new question is no miss: {first}");
        }

        // The first is the one that wrk only looks at.
        for (int number = 2; number <= 200; number++)
        {
            string again = await StatusAsync(http, url, posts.Question(number), cancellationToken);
            if (!again.StartsWith("CacheProxy; hit; detail=exact", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"Request {number} of the run before was not stored: {again}");
            }
        }
    }

    private static async Task<string> StatusAsync(HttpClient http, Uri url, string question, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(DistinctPosts.Body(question), Encoding.UTF8, "application/json") };
        request.Headers.Add("Authorization", "Bearer sk-test");
        using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return string.Join(", ", answer.Headers.GetValues("Cache-Status"));
    }
}
