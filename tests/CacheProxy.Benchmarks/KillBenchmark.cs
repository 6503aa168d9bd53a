using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks;

/// <summary>The proxy killed under load and started again, over and over on one folder: what is lost, and that nothing is wrong.</summary>
internal sealed class KillBenchmark : IBenchmark
{
    public string Name => "kill";

    public string Summary => "kill -9 under load, --rounds 10 of --seconds 10: answers lost, wrong answers, restart";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int rounds = Arguments.Number(arguments, "--rounds", 10);
        int seconds = Arguments.Number(arguments, "--seconds", 10);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cacheproxy-kill-");
        try
        {
            using var run = new KillRun(Path.Combine(AppContext.BaseDirectory, "CacheProxy.dll"), folder.FullName);
            var starts = new List<double> { await run.StartAsync(cancellationToken) };
            var result = new KillResult();
            for (int round = 0; round < rounds; round++)
            {
                await run.LoadAndKillAsync(TimeSpan.FromSeconds(seconds), clients: 8, atLeast: 100, cancellationToken);
                starts.Add(await run.StartAsync(cancellationToken));
                result = await run.CheckAsync(cancellationToken);
                if (result.Wrong > 0 || run.Output.Contains("entries.db", StringComparison.Ordinal))
                {
                    throw new InvalidOperationException($"Round {round}: {result}. {run.Output}");
                }
            }

            Console.WriteLine(
                $"{rounds} kills: {result.Answered} answers, {result.Lost} lost, {result.LostOfTheLastSecond} of the last seconds lost "
                + $"({100.0 * (result.Lost + result.LostOfTheLastSecond) / result.Answered:F2} %), {result.Wrong} wrong; "
                + $"start {Statistics.Median(starts):F2} s");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
