using System.Globalization;
using System.Text.Json.Nodes;

namespace CacheProxy.Benchmarks;

/// <summary>
/// Exact hits from memory against nginx's <c>proxy_cache</c>, Kestrel alone and Portkey's gateway for the same POST of about 2 KB, interleaved in one run.
/// Each is validated first: its second answer is a hit and says what the upstream said.
/// </summary>
internal sealed class ExactBenchmark : IBenchmark
{
    public string Name => "exact";

    public string Summary => "exact memory hits per second and latency, as ratios to nginx proxy_cache, Kestrel alone and Portkey (needs nginx, wrk, npm) [--runs 5] [--seconds 5]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int runs = Arguments.Number(arguments, "--runs", 5), seconds = Arguments.Number(arguments, "--seconds", 5);
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
        using PortkeyPeer? portkey = await PortkeyPeer.TryStartAsync(nginx.Upstream, cancellationToken);

        string body = RequestBody();
        using var ours = new ExactTarget("CacheProxy", proxy.ChatCompletions, body);
        using var nginxCache = new ExactTarget("nginx", nginx.Cache, body);
        using ExactTarget? portkeyCache = portkey is null ? null : new ExactTarget("Portkey", portkey.ChatCompletions, body, portkey.Headers);
        string answer = (await nginxCache.ValidateAsync("X-Cache", ["HIT"], cancellationToken)).Body;
        Expect(answer == (await ours.ValidateAsync("Cache-Status", ["hit; detail=exact"], cancellationToken)).Body, "CacheProxy's hit has other bytes than nginx's.");
        using var kestrel = new KestrelPeer(answer);
        await kestrel.WaitUntilReadyAsync(cancellationToken);
        using var bare = new ExactTarget("Kestrel", kestrel.ChatCompletions, body);
        Expect(answer == (await bare.ValidateAsync("X-Peer", ["kestrel"], cancellationToken)).Body, "Kestrel alone answers other bytes.");
        if (portkeyCache is not null)
        {
            await ValidateAsync(portkeyCache, answer, cancellationToken);
        }

        ExactTarget[] targets = [nginxCache, ours, bare, .. portkeyCache is null ? Array.Empty<ExactTarget>() : [portkeyCache]];
        foreach (ExactTarget target in targets)
        {
            // Twice: the compiler still works in the background after the first.
            await target.RunAsync(32, seconds, counts: false, cancellationToken);
            await target.RunAsync(32, seconds, counts: false, cancellationToken);
        }

        foreach (int connections in new[] { 32, 1 })
        {
            await CompareAsync(targets, connections, runs, seconds, cancellationToken);
            string ratios = string.Create(CultureInfo.InvariantCulture, $"ours/nginx {ours.RatioTo(nginxCache):F2}, ours/Kestrel alone {ours.RatioTo(bare):F2}")
                + (portkeyCache is null ? "" : string.Create(CultureInfo.InvariantCulture, $", ours/Portkey {ours.RatioTo(portkeyCache):F1}"));
            Console.WriteLine($"{connections} connection{(connections > 1 ? "s" : "")}: {ratios}; our p99 {ours.P99 * 1e3:F3} ms, {ours.P99RatioTo(nginxCache):F2} of nginx's, {ours.P99RatioTo(bare):F2} of Kestrel's alone");
        }

        TimeOneByOne(nginxCache, bare, ours, runs, seconds);
        Console.WriteLine("bars: at 32 connections ours/nginx 0.6 and ours/Portkey 20; at 1 connection p99 0.3 ms");
    }

    private static async Task ValidateAsync(ExactTarget portkey, string answer, CancellationToken cancellationToken)
    {
        // It writes the JSON anew and adds a field of its own: its answer has to say the same, not in the same bytes.
        (string body, string status) = await portkey.ValidateAsync("x-portkey-cache-status", ["HIT", "DISABLED"], cancellationToken);
        Expect(Text(answer) == Text(body), "Portkey's answer says something else.");
        if (status == "DISABLED")
        {
            Console.WriteLine("Portkey: its npm build comes without its cache (x-portkey-cache-status: DISABLED): what is measured of it is the way to the fixed upstream and back");
        }
    }

    private static async Task CompareAsync(ExactTarget[] targets, int connections, int runs, int seconds, CancellationToken cancellationToken)
    {
        foreach (ExactTarget target in targets)
        {
            target.Reset();
        }

        for (int run = 0; run < runs; run++)
        {
            foreach (ExactTarget target in targets)
            {
                await target.RunAsync(connections, seconds, counts: true, cancellationToken);
            }
        }

        foreach (ExactTarget target in targets)
        {
            Console.WriteLine($"  {connections,2} connections: {target}");
        }
    }

    private static void TimeOneByOne(ExactTarget nginx, ExactTarget bare, ExactTarget ours, int runs, int seconds)
    {
        ExactTarget[] targets = [nginx, bare, ours];
        List<double>[] p50 = [[], [], []], p99 = [[], [], []];
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < targets.Length; i++)
            {
                List<double> times = OneConnection.Run(targets[i], TimeSpan.FromSeconds(seconds));
                p50[i].Add(Statistics.Percentile(times, 0.5));
                p99[i].Add(Statistics.Percentile(times, 0.99));
            }
        }

        string figures = string.Join("; ", targets.Select((target, i) => string.Create(
            CultureInfo.InvariantCulture, $"{target.Name} p50 {Statistics.Median(p50[i]) * 1e6:F0} us, p99 {Statistics.Median(p99[i]) * 1e6:F0} us")));
        double Ratio(int peer) => Statistics.Median(p99[2].Zip(p99[peer], (own, other) => own / other));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"each request timed by itself, 1 connection: {figures}; our p99 {Ratio(0):F2} of nginx's, {Ratio(1):F2} of Kestrel's alone"));
    }

    private static string Text(string answer) => JsonNode.Parse(answer)!["choices"]![0]!["message"]!["content"]!.GetValue<string>();

    private static void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    private static string RequestBody()
    {
        string system = string.Concat(Enumerable.Repeat("You are a helpful assistant. ", 60));
        return $$"""{"model":"gpt-4o-mini","messages":[{"role":"system","content":"{{system}}"},{"role":"user","content":"What is a KV cache?"}],"temperature":0}""";
    }
}
