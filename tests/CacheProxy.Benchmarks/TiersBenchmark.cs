using System.Diagnostics;
using System.Text;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Tiers;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks;

/// <summary>
/// Time to the first token by where the KV of 2,000 of 2,100 prompt tokens lies: nowhere, in the pool, in memory beside it after an
/// eviction, on disk after a restart. Every answer has to be the cold one, every hit of the size and from the tier meant.
/// </summary>
internal sealed class TiersBenchmark : IBenchmark
{
    private const int Shared = 2000, Own = 100, AnswerTokens = 8;

    // A prompt and its answer take 132 blocks of 16: in the small pool the next prompt drives all of it out.
    private const int SmallPool = 132, LargePool = 600;

    private static readonly string[] Places = ["cold", "pool", "memory", "disk"];

    public string Name => "tiers";

    public string Summary => "time to first token with 2,000 of 2,100 prompt tokens in the KV pool, in memory or on disk [--runs 5] [--folder PATH]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int runs = Arguments.Number(arguments, "--runs", 5);
        string folder = Path.Combine(Arguments.Text(arguments, "--folder") ?? Path.GetTempPath(), $"kv-tiers-{Environment.ProcessId}");
        Dictionary<string, List<double>> seconds = Places.ToDictionary(place => place, _ => new List<double>());
        for (int run = 0; run < runs; run++)
        {
            try
            {
                var tiers = new KvTierOptions { RamBytes = 1L << 29, DiskBytes = 1L << 30, DiskPath = folder };
                await MeasureMemoryAsync(run, tiers, seconds, cancellationToken);
                await MeasureDiskAsync(run, tiers, seconds, cancellationToken);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        double cold = Statistics.Median(seconds["cold"]);
        foreach (string place in Places)
        {
            double median = Statistics.Median(seconds[place]);
            Console.WriteLine(
                $"{place,-7} {median * 1e3,7:F1} ms to the first token, {median / cold * 100,5:F1} % of cold "
                + $"({string.Join(", ", seconds[place].Select(time => $"{time * 1e3:F0}"))})");
        }

        Console.WriteLine("bars: pool 5 %, disk 15 %");
    }

    private static async Task MeasureMemoryAsync(int run, KvTierOptions tiers, Dictionary<string, List<double>> seconds, CancellationToken cancellationToken)
    {
        await using LanguageModel model = await OpenAsync(SmallPool, tiers, cancellationToken);
        await AskAsync(model, Prompt(run, 0), "", cancellationToken);
        Answer truth = await AskAsync(model, Prompt(run, 1), "cold", cancellationToken);
        Answer back = await AskAsync(model, Prompt(run, 1), "", cancellationToken);
        Check("memory", back, truth, model.Engine.Stats.Counts.Tiers.RamHitTokens, Shared);
        seconds["memory"].Add(back.Seconds);
    }

    private static async Task MeasureDiskAsync(int run, KvTierOptions tiers, Dictionary<string, List<double>> seconds, CancellationToken cancellationToken)
    {
        await using LanguageModel model = await OpenAsync(LargePool, tiers, cancellationToken);
        long before = model.Engine.Stats.Counts.Tiers.DiskHitTokens;
        Answer disk = await AskAsync(model, Prompt(run, 2), "", cancellationToken);
        Answer pool = await AskAsync(model, Prompt(run, 3), "", cancellationToken);
        long fromDisk = model.Engine.Stats.Counts.Tiers.DiskHitTokens - before;
        Answer diskTruth = await AskAsync(model, Prompt(run, 2), "cold 2", cancellationToken);
        Answer poolTruth = await AskAsync(model, Prompt(run, 3), "cold 3", cancellationToken);
        Check("disk", disk, diskTruth, fromDisk, Shared);
        Check("pool", pool, poolTruth, fromDisk, Shared);
        seconds["disk"].Add(disk.Seconds);
        seconds["pool"].Add(pool.Seconds);
        seconds["cold"].AddRange([diskTruth.Seconds, poolTruth.Seconds]);
    }

    private static void Check(string place, Answer answer, Answer cold, long tierTokens, long expectedTierTokens)
    {
        if (cold.CachedTokens != 0 || answer.CachedTokens != Shared || tierTokens != expectedTierTokens)
        {
            throw new InvalidOperationException(
                $"{place}: {answer.CachedTokens} tokens cached, {tierTokens} from the tier, {cold.CachedTokens} in the cold run; wanted {Shared}, {expectedTierTokens}, 0.");
        }

        if (answer.Text != cold.Text || answer.Text.Length == 0)
        {
            throw new InvalidOperationException($"{place}: answers \"{answer.Text}\", cold \"{cold.Text}\".");
        }
    }

    private static async Task<LanguageModel> OpenAsync(int blocks, KvTierOptions tiers, CancellationToken cancellationToken)
    {
        LanguageModel model = LanguageModel.Load(
            Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"),
            new LanguageModelOptions
            {
                Runner = new ModelRunnerOptions { BlockCount = blocks, Device = ModelDevice.Cpu },
                Cache = new KvCacheOptions { Tiers = tiers },
            });
        await model.WarmUpAsync(cancellationToken);
        return model;
    }

    private static async Task<Answer> AskAsync(LanguageModel model, int[] prompt, string salt, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest { PromptTokens = prompt, MaxTokens = AnswerTokens, Salt = salt, IgnoreEndOfSequence = true };
        var text = new StringBuilder();
        double first = 0;
        long start = Stopwatch.GetTimestamp();
        await foreach (GenerationEvent item in model.Submit(request, cancellationToken).ReadAllAsync(cancellationToken))
        {
            first = first == 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds : first;
            text.Append((item as GenerationEvent.Delta)?.Text);
            if (item is GenerationEvent.Finished end)
            {
                return end.Error is null
                    ? new Answer(first, text.ToString(), end.Usage.CachedTokens)
                    : throw new InvalidOperationException(end.Error);
            }
        }

        throw new InvalidOperationException("The answer has no end.");
    }

    /// <summary>2,000 tokens of this run, then 100 of its own that share nothing with another question's.</summary>
    private static int[] Prompt(int run, int question)
    {
        var shared = new Random(run);
        var own = new Random(question + 1000);
        return
        [
            .. Enumerable.Range(0, Shared).Select(_ => shared.Next(100, 40000)),
            40000 + question,
            .. Enumerable.Range(0, Own - 1).Select(_ => own.Next(100, 40000)),
        ];
    }

    private sealed record Answer(double Seconds, string Text, int CachedTokens);
}
