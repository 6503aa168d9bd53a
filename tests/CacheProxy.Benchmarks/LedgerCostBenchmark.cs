using System.Globalization;

namespace CacheProxy.Benchmarks;

/// <summary>What recording costs an exact hit: the same program with and without its ledger, in turns in one run, each validated first.</summary>
internal sealed class LedgerCostBenchmark : IBenchmark
{
    public string Name => "ledgercost";

    public string Summary => "exact memory hits per second and p50 with the ledger and without it, in turns (needs nginx, wrk) [--runs 5] [--seconds 5]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int runs = Arguments.Number(arguments, "--runs", 5), seconds = Arguments.Number(arguments, "--seconds", 5);
        using var nginx = new NginxPeer();
        await nginx.WaitUntilReadyAsync(cancellationToken);
        using ProxyProcess with = Start(nginx, isOn: true), without = Start(nginx, isOn: false);
        await with.WaitUntilReadyAsync(cancellationToken);
        await without.WaitUntilReadyAsync(cancellationToken);
        string body = """{"model":"gpt-4o-mini","messages":[{"role":"user","content":"What is a KV cache?"}],"temperature":0}""";
        using var recorded = new ExactTarget("ledger", with.ChatCompletions, body);
        using var bare = new ExactTarget("none", without.ChatCompletions, body);
        foreach (ExactTarget target in new[] { recorded, bare })
        {
            await target.ValidateAsync("Cache-Status", ["hit; detail=exact"], cancellationToken);
            await target.RunAsync(32, seconds, counts: false, cancellationToken);
            await target.RunAsync(32, seconds, counts: false, cancellationToken);
        }

        foreach (int connections in new[] { 32, 1 })
        {
            recorded.Reset();
            bare.Reset();
            double before = with.ProcessorSeconds, beforeBare = without.ProcessorSeconds;
            for (int run = 0; run < runs; run++)
            {
                await recorded.RunAsync(connections, seconds, counts: true, cancellationToken);
                await bare.RunAsync(connections, seconds, counts: true, cancellationToken);
            }

            double own = (with.ProcessorSeconds - before) / (recorded.Rate * seconds * runs), other = (without.ProcessorSeconds - beforeBare) / (bare.Rate * seconds * runs);
            Console.WriteLine($"  {connections,2} connections: {recorded}");
            Console.WriteLine($"  {connections,2} connections: {bare}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{connections} connections: throughput {recorded.RatioTo(bare):F3} of that without; processor time {own * 1e6:F1} us a hit, without {other * 1e6:F1}"));
        }

        Console.WriteLine("bars: throughput 0.95; p50 0.05 ms more");
    }

    private static ProxyProcess Start(NginxPeer nginx, bool isOn) => new(new Dictionary<string, string>
    {
        ["CACHEPROXY__Backend__Mode"] = "none",
        ["CACHEPROXY__Semantic__Policy"] = "off",
        ["CACHEPROXY__Ledger__Enabled"] = isOn ? "true" : "false",
        ["CACHEPROXY__Upstreams__0__Name"] = "fixed",
        ["CACHEPROXY__Upstreams__0__BaseUrl"] = nginx.Upstream.ToString(),
    });
}
