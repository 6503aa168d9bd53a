using System.Globalization;

namespace CacheProxy.Benchmarks;

/// <summary>
/// What recording costs an exact hit: the same program with its ledger, its observers and its metrics, and without any of them, in turns in one run. Each is
/// validated first: the one has to have counted every request that was sent to it, the other none.
/// </summary>
internal sealed class LedgerCostBenchmark : IBenchmark
{
    public string Name => "ledgercost";

    public string Summary => "exact memory hits per second and p50 with ledger and metrics and without them, in turns (needs nginx, wrk) [--runs 5] [--seconds 5]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int runs = Arguments.Number(arguments, "--runs", 5), seconds = Arguments.Number(arguments, "--seconds", 5);
        using var nginx = new NginxPeer();
        await nginx.WaitUntilReadyAsync(cancellationToken);
        using ProxyProcess with = Start(nginx, RecordingHost.With), without = Start(nginx, RecordingHost.Without);
        await with.WaitUntilReadyAsync(cancellationToken);
        await without.WaitUntilReadyAsync(cancellationToken);
        string body = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"What is a KV cache?"}],"temperature":0}""";
        using var recorded = new ExactTarget("recorded", with.ChatCompletions, body);
        using var bare = new ExactTarget("bare", without.ChatCompletions, body);
        foreach (ExactTarget target in new[] { recorded, bare })
        {
            await target.ValidateAsync("Cache-Status", ["hit; detail=exact"], cancellationToken);
        }

        await CheckAsync(with, isRecorded: true, cancellationToken);
        await CheckAsync(without, isRecorded: false, cancellationToken);
        for (int run = 0; run < 2; run++)
        {
            await recorded.RunAsync(32, seconds, counts: false, cancellationToken);
            await bare.RunAsync(32, seconds, counts: false, cancellationToken);
        }

        foreach (int connections in new[] { 32, 1 })
        {
            await CompareAsync(recorded, with, bare, without, connections, runs, seconds, cancellationToken);
        }

        Console.WriteLine("bars: throughput at 32 connections at least 0.950; p50 at 1 connection at most 50 us more");
    }

    private static async Task CompareAsync(
        ExactTarget recorded, ProxyProcess with, ExactTarget bare, ProxyProcess without, int connections, int runs, int seconds, CancellationToken cancellationToken)
    {
        recorded.Reset();
        bare.Reset();
        var costs = new List<double>();
        var others = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            // Who goes first changes: what the machine does besides falls on both.
            if (run % 2 == 0)
            {
                costs.Add(await CostAsync(recorded, with));
                others.Add(await CostAsync(bare, without));
            }
            else
            {
                others.Add(await CostAsync(bare, without));
                costs.Add(await CostAsync(recorded, with));
            }
        }

        Console.WriteLine($"  {connections,2} connections: {recorded}");
        Console.WriteLine($"  {connections,2} connections: {bare}");
        double own = Statistics.Median(costs), other = Statistics.Median(others);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{connections} connections: throughput {recorded.RatioTo(bare):F3} of that without, p50 {(recorded.P50 - bare.P50) * 1e6:F0} us more; processor time {own * 1e6:F1} us a hit, without {other * 1e6:F1}: {other / own:F3}"));

        // User and system time: what a busy machine takes away from both is not in it.
        async Task<double> CostAsync(ExactTarget target, ProxyProcess process)
        {
            double before = process.ProcessorSeconds;
            WrkRun run = await target.RunAsync(connections, seconds, counts: true, cancellationToken);
            return (process.ProcessorSeconds - before) / run.Requests;
        }
    }

    private static async Task CheckAsync(ProxyProcess process, bool isRecorded, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri(process.Url, "/metrics"), cancellationToken);
        bool isCounted = metrics.Contains("cacheproxy_requests_total{", StringComparison.Ordinal) && metrics.Contains("cacheproxy_cost_saved", StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, cancellationToken); // Rows are written once a second, into the file's log first.
        bool isKept = Directory.EnumerateFiles(process.DataFolder, "ledger.db*").Any(file => new FileInfo(file).Length > 0);
        if (isCounted != isRecorded || isKept != isRecorded)
        {
            throw new InvalidOperationException($"{process.Url} is to record: {isRecorded}; its metrics do: {isCounted}, its ledger does: {isKept}.");
        }
    }

    private static ProxyProcess Start(NginxPeer nginx, string recording) => new(
        new Dictionary<string, string>
        {
            ["CACHEPROXY__Backend__Mode"] = "none",
            ["CACHEPROXY__Semantic__Policy"] = "off",
            ["CACHEPROXY__Upstreams__0__Name"] = "fixed",
            ["CACHEPROXY__Upstreams__0__BaseUrl"] = nginx.Upstream.ToString(),
        },
        program: [Path.Combine(AppContext.BaseDirectory, "CacheProxy.Benchmarks.dll"), RecordingHost.Verb, recording]);
}
