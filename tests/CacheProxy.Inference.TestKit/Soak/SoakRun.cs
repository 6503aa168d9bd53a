using System.Collections.Concurrent;
using System.Diagnostics;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>Random arrivals and cancellations for a while; then everything must have been answered once and given back.</summary>
public sealed class SoakRun(ISoakTarget target, SoakOptions options)
{
    /// <summary>What caches of code, buffers that grew and pools may add.</summary>
    private const long AllowedHeapGrowth = 32 << 20;

    private readonly Random _random = new(options.Seed);
    private readonly ConcurrentBag<SoakAnswer> _answers = [];

    public async Task<SoakReport> RunAsync(CancellationToken cancellation)
    {
        var requests = new SoakRequests(options, _random);
        var asked = new List<Task>();
        using var open = new SemaphoreSlim(options.MaxOpen);
        long start = Stopwatch.GetTimestamp();
        long heap = 0;
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < options.Duration && !cancellation.IsCancellationRequested)
        {
            heap = heap == 0 && elapsed > options.Duration / 4 ? GC.GetTotalMemory(forceFullCollection: true) : heap;
            await open.WaitAsync(cancellation);
            asked.RemoveAll(task => task.IsCompletedSuccessfully);
            GenerationRequest request = requests.Next();
            TimeSpan? goesAfter = _random.Next(7) == 0 ? TimeSpan.FromMilliseconds(_random.Next(1500)) : null;
            asked.Add(Task.Run(() => AskAsync(request, goesAfter, open), CancellationToken.None));
            double gap = -Math.Log(1 - _random.NextDouble()) / options.RequestsPerSecond;
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(gap, 2)), TimeProvider.System, cancellation);
        }

        await Task.WhenAll(asked);
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        asked.Clear();
        List<string> problems = [.. _answers.Select(answer => answer.Problem).OfType<string>().Distinct().Take(20), .. await target.FindLeaksAsync()];
        long growth = GC.GetTotalMemory(forceFullCollection: true) - heap;
        if (growth > AllowedHeapGrowth)
        {
            problems.Add($"Live managed memory grew by {growth} bytes.");
        }

        return new SoakReport(
            _answers.CountBy(answer => answer.Outcome).ToDictionary(),
            [.. _answers.Select(answer => answer.FirstToken?.TotalSeconds).OfType<double>()],
            _answers.Sum(answer => (long)answer.Tokens),
            duration, growth, problems);
    }

    private async Task AskAsync(GenerationRequest request, TimeSpan? goesAfter, SemaphoreSlim open)
    {
        using var goes = new CancellationTokenSource();
        if (goesAfter is { } time)
        {
            goes.CancelAfter(time);
        }

        try
        {
            _answers.Add(await target.AskAsync(request, goes.Token).WaitAsync(options.LostAfter));
        }
        catch (TimeoutException)
        {
            _answers.Add(new SoakAnswer(SoakOutcome.Failed, null, 0, $"A request had no end after {options.LostAfter}."));
        }
        catch (Exception failure)
        {
            _answers.Add(new SoakAnswer(SoakOutcome.Failed, null, 0, $"{failure.GetType().Name}: {failure.Message}"));
        }
        finally
        {
            open.Release();
        }
    }
}
