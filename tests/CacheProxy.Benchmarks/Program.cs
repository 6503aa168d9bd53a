using CacheProxy.Benchmarks;
using CacheProxy.Benchmarks.Cascade;
using CacheProxy.Benchmarks.Engine;
using CacheProxy.Benchmarks.Ledger;
using CacheProxy.Benchmarks.Miss;
using CacheProxy.Benchmarks.Pairs;
using CacheProxy.Benchmarks.Prefilter;
using CacheProxy.Benchmarks.Prices;
using CacheProxy.Benchmarks.Record;
using CacheProxy.Benchmarks.Scheduling;
using CacheProxy.Benchmarks.Semantic;
using CacheProxy.Benchmarks.Streams;

IBenchmark[] benchmarks =
[
    new EngineBenchmark(),
    new LongContextBenchmark(),
    new StartBenchmark(),
    new ExactBenchmark(),
    new EvictionBenchmark(),
    new EmbeddingsBenchmark(),
    new MissBenchmark(),
    new RecordBenchmark(),
    new FlightsBenchmark(),
    new PrefixBenchmark(),
    new TiersBenchmark(),
    new IndexBenchmark(),
    new DecisionBenchmark(),
    new PrefilterBenchmark(),
    new StreamBenchmark(),
    new LookupBenchmark(),
    new OverheadBenchmark(),
    new SoakBenchmark(),
    new MooncakeBenchmark(),
    new SqliteBenchmark(),
    new KillBenchmark(),
    new FindingsBenchmark(),
    new LedgerBenchmark(),
    new LedgerCostBenchmark(),
    new PairsBenchmark(),
    new ConvertBenchmark(),
    new BudgetBenchmark(),
    new PairScoresProgram(),
    new CascadeFitProgram(),
    new PricesProgram(),
];

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

if (args is [KestrelPeer.Verb, var address])
{
    await KestrelPeer.ServeAsync(address, stop.Token);
    return 0;
}

if (args is [RecordingHost.Verb, var recording])
{
    await RecordingHost.ServeAsync(recording, stop.Token);
    return 0;
}

if (args is [YarpPeer.Verb, var url, var upstream])
{
    await YarpPeer.ServeAsync(url, upstream, stop.Token);
    return 0;
}

if (Array.Find(benchmarks, b => args.Length > 0 && b.Name == args[0]) is not { } chosen)
{
    Console.WriteLine("usage: dotnet run -c Release --project tests/CacheProxy.Benchmarks -- VERB [options]");
    foreach (IBenchmark benchmark in benchmarks)
    {
        Console.WriteLine($"  {benchmark.Name,-10} {benchmark.Summary}");
    }

    return 2;
}

Console.WriteLine($"{chosen.Name}: {Environment.ProcessorCount} cores, .NET {Environment.Version}");
await chosen.RunAsync(args[1..], stop.Token);
return 0;
