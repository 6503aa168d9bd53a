using System.Diagnostics;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server;
using CacheProxy.Inference.TestKit.Soak;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Benchmarks.Scheduling;

/// <summary>Minutes of random arrivals, cancellations, deadlines and evictions in a pool that is too small: nothing may leak, everything must be answered.</summary>
internal sealed class SoakBenchmark : IBenchmark
{
    private const int Vocabulary = 40_000;

    public string Name => "soak";

    public string Summary => "random load on a small KV pool, checked for leaks [--seconds 600] [--rate 4] [--blocks 200] [--seed 1] [--http]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var options = new SoakOptions
        {
            Duration = TimeSpan.FromSeconds(Arguments.Number(arguments, "--seconds", 600)),
            RequestsPerSecond = Arguments.Number(arguments, "--rate", 4),
            Seed = Arguments.Number(arguments, "--seed", 1),
            Vocabulary = Vocabulary,
        };
        var runner = new ModelRunnerOptions { BlockCount = Arguments.Number(arguments, "--blocks", 200) };
        var scheduling = new SchedulingOptions { MaxRunning = 24, MaxWaiting = 64 };
        using var process = Process.GetCurrentProcess();
        SoakReport report = arguments.Contains("--http")
            ? await OverHttpAsync(options, runner, scheduling, cancellationToken)
            : await OverEngineAsync(options, runner, scheduling, cancellationToken);
        process.Refresh();
        Console.WriteLine(report);
        Console.WriteLine($"resident {process.WorkingSet64 / 1048576} MiB, peak {process.PeakWorkingSet64 / 1048576} MiB");
        if (report.Problems.Count > 0)
        {
            throw new InvalidOperationException("The soak found problems.");
        }
    }

    private static async Task<SoakReport> OverEngineAsync(SoakOptions options, ModelRunnerOptions runner, SchedulingOptions scheduling, CancellationToken cancellationToken)
    {
        await using LanguageModel model = LanguageModel.Load(
            Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"),
            new LanguageModelOptions { Runner = runner, Scheduling = scheduling });
        await model.WarmUpAsync(cancellationToken);
        SoakReport report = await new SoakRun(new EngineSoakTarget(model.Engine), options).RunAsync(cancellationToken);
        SchedulerCounts counts = model.Engine.Stats.Counts;
        Console.WriteLine(
            $"{counts.Steps} steps, {counts.Preemptions} preemptions, {counts.EvictedBlocks} blocks evicted, {counts.HitTokens} of {counts.QueriedTokens} prompt tokens cached, "
            + $"{counts.AcceptedTokens} of {counts.DraftedTokens} drafted tokens right");
        return report;
    }

    private static async Task<SoakReport> OverHttpAsync(SoakOptions options, ModelRunnerOptions runner, SchedulingOptions scheduling, CancellationToken cancellationToken)
    {
        var server = new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = Repository.File("config", "models"), Runner = runner, Scheduling = scheduling };
        await using InferenceHost host = await InferenceHost.StartAsync(server, NullLoggerFactory.Instance, cancellation: cancellationToken);
        await host.Ready;
        using var client = new HttpClient { BaseAddress = host.Address, Timeout = Timeout.InfiniteTimeSpan };
        return await new SoakRun(new HttpSoakTarget(client, "smollm2-135m-instruct"), options).RunAsync(cancellationToken);
    }
}
