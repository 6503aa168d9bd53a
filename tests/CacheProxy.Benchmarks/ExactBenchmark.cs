using System.Text;

namespace CacheProxy.Benchmarks;

/// <summary>Exact hits from memory against nginx's <c>proxy_cache</c> for the same POST of about 2 KB, interleaved.</summary>
internal sealed class ExactBenchmark : IBenchmark
{
    private const int Runs = 5;
    private const int SecondsPerRun = 5;

    public string Name => "exact";

    public string Summary => "exact memory hits per second and latency, as a ratio to nginx proxy_cache (needs nginx and wrk)";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var nginx = new NginxPeer();
        await nginx.WaitUntilReadyAsync(cancellationToken);
        using var proxy = new ProxyProcess(new Dictionary<string, string>
        {
            ["CACHEPROXY__Backend__Mode"] = "none",
            ["CACHEPROXY__Semantic__Policy"] = "off",
            ["CACHEPROXY__Upstreams__0__Name"] = "fixed",
            ["CACHEPROXY__Upstreams__0__BaseUrl"] = nginx.Upstream.ToString(),
        });
        await proxy.WaitUntilReadyAsync(cancellationToken);

        string body = RequestBody();
        await ValidateAsync(nginx.Cache, "X-Cache", "HIT", body, cancellationToken);
        await ValidateAsync(proxy.ChatCompletions, "Cache-Status", "hit; detail=exact", body, cancellationToken);
        string script = WriteScript(body);
        try
        {
            await CompareAsync(script, nginx.Cache, proxy.ChatCompletions, cancellationToken);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static async Task CompareAsync(string script, Uri nginx, Uri proxy, CancellationToken cancellationToken)
    {
        await WrkRun.PostAsync(script, proxy, 32, SecondsPerRun, cancellationToken);
        foreach (int connections in new[] { 32, 1 })
        {
            var peer = new List<WrkRun>();
            var ours = new List<WrkRun>();
            for (int run = 0; run < Runs; run++)
            {
                peer.Add(await WrkRun.PostAsync(script, nginx, connections, SecondsPerRun, cancellationToken));
                ours.Add(await WrkRun.PostAsync(script, proxy, connections, SecondsPerRun, cancellationToken));
            }

            double rate = Statistics.Median(ours.Zip(peer, (o, p) => o.RequestsPerSecond / p.RequestsPerSecond));
            double p50 = Statistics.Median(ours.Zip(peer, (o, p) => o.P50 / p.P50));
            Console.WriteLine(
                $"{connections,2} connections: {Statistics.Median(ours.Select(r => r.RequestsPerSecond)):F0} hits/s against nginx "
                + $"{Statistics.Median(peer.Select(r => r.RequestsPerSecond)):F0} (ratio {rate:F2}); p50 "
                + $"{Statistics.Median(ours.Select(r => r.P50)) * 1e6:F0} us against {Statistics.Median(peer.Select(r => r.P50)) * 1e6:F0} us (ratio {p50:F2}); "
                + $"p99 {Statistics.Median(ours.Select(r => r.P99)) * 1e6:F0} us");
        }
    }

    /// <summary>The second of two identical requests must be a hit with the same bytes.</summary>
    private static async Task ValidateAsync(Uri url, string header, string expected, string body, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        byte[]? first = null;
        for (int call = 0; ; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Authorization", "Bearer sk-test");
            using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            byte[] bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            first ??= bytes;
            string status = string.Join(',', answer.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values : []);
            if (!bytes.AsSpan().SequenceEqual(first))
            {
                throw new InvalidOperationException($"{url} answered other bytes the second time.");
            }

            if (status.Contains(expected, StringComparison.Ordinal))
            {
                return;
            }

            if (call == 20)
            {
                throw new InvalidOperationException($"{url} never reported {header}: {expected}, but {status}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static string RequestBody()
    {
        string system = string.Concat(Enumerable.Repeat("You are a helpful assistant. ", 60));
        return $$"""{"model":"gpt-4o-mini","messages":[{"role":"system","content":"{{system}}"},{"role":"user","content":"What is a KV cache?"}],"temperature":0}""";
    }

    private static string WriteScript(string body)
    {
        string script = Path.GetTempFileName();
        File.WriteAllText(script, $"""
            wrk.method = "POST"
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer sk-test"
            wrk.body = [==[{body}]==]
            """);
        return script;
    }
}
