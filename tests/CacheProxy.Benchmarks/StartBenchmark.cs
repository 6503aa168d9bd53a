using System.Diagnostics;

namespace CacheProxy.Benchmarks;

/// <summary>Seconds from starting the process to <c>/readyz</c>, and its resident memory then.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const int Runs = 5;

    public string Name => "start";

    public string Summary => "start of the process to ready, and its memory after load";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        var megabytes = new List<double>();
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            using var proxy = new ProxyProcess();
            await proxy.WaitUntilReadyAsync(cancellationToken);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            megabytes.Add(proxy.WorkingSetBytes / 1e6);
        }

        Console.WriteLine($"start to ready: {Statistics.Median(seconds):F2} s (median of {Runs}), resident memory {Statistics.Median(megabytes):F0} MB");
    }
}
