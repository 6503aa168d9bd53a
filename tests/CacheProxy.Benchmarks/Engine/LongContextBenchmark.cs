using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text.Json;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Engine;

/// <summary>
/// A prompt as long as the context lets it be: time, memory and what the forms of KV cost in quality. Every form must give the same
/// bits when the prompt's end is computed again in other chunks over blocks that are already there.
/// </summary>
internal sealed class LongContextBenchmark : IBenchmark
{
    private const int Steps = 64, Again = 200;

    private static readonly (string Name, KvDataType Type, ContextEviction? Eviction)[] Forms =
    [
        ("float32", KvDataType.Float32, null),
        ("int8", KvDataType.Int8, null),
        ("float32, 16 + 1008", KvDataType.Float32, new ContextEviction(16, 1008)),
    ];

    private static readonly (string Name, KvDataType Type, ContextEviction? Eviction)[] Qualities =
    [
        .. Forms[..2],
        ("float32, 16 + 496", KvDataType.Float32, new ContextEviction(16, 496)),
        ("float32, 0 + 512", KvDataType.Float32, new ContextEviction(0, 512)),
    ];

    public string Name => "longcontext";

    public string Summary => "a prompt of 8k tokens: prefill, decode, memory, likelihood by form of KV [--tokens 8000] [--threads 2]";

    public Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int tokens = Arguments.Number(arguments, "--tokens", 8000), threads = Arguments.Number(arguments, "--threads", Environment.ProcessorCount);
        using GgufFile file = GgufFile.Open(Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"));
        var random = new Random(1);
        int[] prompt = [.. Enumerable.Range(0, tokens + Steps).Select(_ => random.Next(100, 40000))];
        Console.WriteLine($"{tokens} tokens, threads {threads}; prefill tokens/s, decode tokens/s behind it, KV held then");
        foreach ((string name, KvDataType type, ContextEviction? eviction) in Forms)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { Threads = threads, KvDataType = type, Eviction = eviction });
            Measure(name, runner, prompt, tokens);
        }

        Text text = JsonSerializer.Deserialize<Text>(
            File.ReadAllText(Repository.File("tests", "CacheProxy.Inference.Tests", "Fixtures", "perplexity-smollm2.json")),
            new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower })!;
        Console.WriteLine($"mean negative log-likelihood of {text.Ids.Length} tokens of English in one piece");
        double full = 0;
        foreach ((string name, KvDataType type, ContextEviction? eviction) in Qualities)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { Threads = threads, KvDataType = type, Eviction = eviction });
            double mean = MeanNll(runner, text.Ids);
            full = full == 0 ? mean : full;
            Console.WriteLine($"{name,-20} {mean:F4}   ratio {mean / full:F4}");
        }

        return Task.CompletedTask;
    }

    private static void Measure(string name, OnnxModelRunner runner, int[] prompt, int tokens)
    {
        int[] blocks = [.. Enumerable.Range(0, (prompt.Length / runner.BlockSize) + 1)];
        Run(runner, prompt[..64], 0, blocks, 64);
        long start = Stopwatch.GetTimestamp();
        float[] whole = Run(runner, prompt[..tokens], 0, blocks, runner.MaxBatchTokens);
        double prefill = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int held = GiveUp(runner, blocks, tokens - Again);
        if (!whole.AsSpan().SequenceEqual(Run(runner, prompt[..tokens], tokens - Again, blocks, 64)))
        {
            throw new InvalidOperationException($"{name}: other chunks over the same blocks give other logits.");
        }

        start = Stopwatch.GetTimestamp();
        for (int position = tokens; position < tokens + Steps; position++)
        {
            Run(runner, prompt[..(position + 1)], position, blocks, 1);
        }

        double decode = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"{name,-20} {tokens / prefill,7:F0} {Steps / decode,7:F0}   {held * runner.BlockBytes / 1048576.0,6:F0} MiB, process {Environment.WorkingSet / 1048576} MiB");
    }

    /// <summary>Forgets the blocks that no later token reads.</summary>
    /// <returns>How many stay.</returns>
    private static int GiveUp(OnnxModelRunner runner, int[] blocks, int position)
    {
        for (int block = 0; block < blocks.Length; block++)
        {
            blocks[block] = runner.Retention.IsBounded && !runner.Retention.Reads(block, position, runner.BlockSize) ? -1 : blocks[block];
        }

        return blocks.Count(block => block >= 0);
    }

    private static float[] Run(OnnxModelRunner runner, int[] tokens, int start, int[] blocks, int chunk)
    {
        var batch = new StepBatch();
        float[] logits = [];
        for (int at = start; at < tokens.Length; at += chunk)
        {
            int count = Math.Min(chunk, tokens.Length - at);
            bool ends = at + count == tokens.Length;
            batch.Clear();
            batch.Add(tokens.AsSpan(at, count), at, blocks, ends ? 1 : 0);
            ReadOnlySpan<float> row = runner.Run(batch);
            logits = ends ? row.ToArray() : logits;
        }

        return logits;
    }

    private static double MeanNll(OnnxModelRunner runner, int[] ids)
    {
        const int chunk = 128;
        int[] blocks = [.. Enumerable.Range(0, (ids.Length / runner.BlockSize) + 1)];
        var batch = new StepBatch();
        double sum = 0;
        for (int at = 0; at < ids.Length - 1; at += chunk)
        {
            int count = Math.Min(chunk, ids.Length - 1 - at);
            batch.Clear();
            batch.Add(ids.AsSpan(at, count), at, blocks, count);
            ReadOnlySpan<float> logits = runner.Run(batch);
            for (int row = 0; row < count; row++)
            {
                ReadOnlySpan<float> one = logits.Slice(row * runner.VocabularySize, runner.VocabularySize);
                float max = TensorPrimitives.Max(one);
                double total = 0;
                foreach (float logit in one)
                {
                    total += Math.Exp(logit - max);
                }

                sum += max + Math.Log(total) - one[ids[at + row + 1]];
            }
        }

        return sum / (ids.Length - 1);
    }

    private sealed record Text(int[] Ids);
}
