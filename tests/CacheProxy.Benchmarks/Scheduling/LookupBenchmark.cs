using System.Diagnostics;
using System.Text;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Templates;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Scheduling;

/// <summary>Decode speed with and without prompt-lookup drafts, turn by turn: on answers that copy their prompt and on answers that repeat nothing.</summary>
internal sealed class LookupBenchmark : IBenchmark
{
    public string Name => "lookup";

    public string Summary => "prompt-lookup drafts against plain decoding [--rounds 5] [--tokens 128] [--threads 2] [--at-once 1]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int rounds = Arguments.Number(arguments, "--rounds", 5), tokens = Arguments.Number(arguments, "--tokens", 128);
        int atOnce = Arguments.Number(arguments, "--at-once", 1);
        var runner = new ModelRunnerOptions { Threads = Arguments.Number(arguments, "--threads", Environment.ProcessorCount) };
        await using LanguageModel model = LanguageModel.Load(
            Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"), new LanguageModelOptions { Runner = runner });
        await model.WarmUpAsync(cancellationToken);
        Console.WriteLine($"medians of {rounds}, tokens/s of decoding, {tokens} tokens an answer, {atOnce} at once");
        await CompareAsync("copying, greedy", model, Requests(model, LookupWorkloads.Copying, tokens, free: false), rounds, atOnce, bar: 1.5, cancellationToken);
        await CompareAsync("varied, temp. 1", model, Requests(model, LookupWorkloads.Varied, tokens, free: true), rounds, atOnce, bar: 0.97, cancellationToken);
    }

    private static GenerationRequest[] Requests(LanguageModel model, IReadOnlyList<(string System, string User)> chats, int tokens, bool free) =>
    [
        .. chats.Select((chat, index) => new GenerationRequest
        {
            PromptTokens = model.EncodeChat(new ChatTemplateInput { Messages = [new ChatMessage("system", chat.System), new ChatMessage("user", chat.User)] }),
            MaxTokens = tokens,
            IgnoreEndOfSequence = free,
            Sampling = free ? LookupWorkloads.Free(index) : SamplingOptions.Greedy,
        }),
    ];

    private static async Task CompareAsync(
        string name, LanguageModel model, GenerationRequest[] requests, int rounds, int atOnce, double bar, CancellationToken cancellationToken)
    {
        string[] texts = (await RunAsync(model, requests, atOnce, speculate: 0, cancellationToken)).Texts;
        SchedulerCounts before = model.Engine.Stats.Counts;
        string[] drafted = (await RunAsync(model, requests, atOnce, speculate: null, cancellationToken)).Texts;
        SchedulerCounts after = model.Engine.Stats.Counts;
        for (int i = 0; i < texts.Length; i++)
        {
            if (texts[i] != drafted[i])
            {
                throw new InvalidOperationException($"Drafts changed an answer from\n{texts[i]}\nto\n{drafted[i]}");
            }
        }

        var plain = new List<Speed>();
        var speculative = new List<Speed>();
        for (int round = 0; round < rounds; round++)
        {
            plain.Add((await RunAsync(model, requests, atOnce, speculate: 0, cancellationToken)).Speed);
            speculative.Add((await RunAsync(model, requests, atOnce, speculate: null, cancellationToken)).Speed);
        }

        long guesses = after.DraftedTokens - before.DraftedTokens, right = after.AcceptedTokens - before.AcceptedTokens;
        double ratio = Statistics.Median(speculative.Zip(plain, (fast, slow) => fast.Wall / slow.Wall));
        double cpuRatio = Statistics.Median(speculative.Zip(plain, (fast, slow) => fast.Cpu / slow.Cpu));
        Console.WriteLine(
            $"{name,-16} plain {Statistics.Median(plain.Select(speed => speed.Wall)),6:F0}   drafted {Statistics.Median(speculative.Select(speed => speed.Wall)),6:F0}   "
            + $"ratio {ratio:F2}, by processor time {cpuRatio:F2} (bar {bar:F2})   "
            + $"{guesses} guessed, {right} right, {after.Steps - before.Steps} steps");
    }

    /// <summary>The time counts from each answer's first token: prompts come from the prefix tree after the first run.</summary>
    private static async Task<(Speed Speed, string[] Texts)> RunAsync(
        LanguageModel model, GenerationRequest[] requests, int atOnce, int? speculate, CancellationToken cancellationToken)
    {
        double seconds = 0;
        long tokens = 0;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        var texts = new List<string>();
        foreach (GenerationRequest[] group in requests.Chunk(atOnce))
        {
            (double Seconds, int Tokens, string Text)[] answers =
                await Task.WhenAll(group.Select(request => Task.Run(() => AnswerAsync(model, request with { Speculate = speculate }, cancellationToken), cancellationToken)));
            seconds += answers.Max(answer => answer.Seconds);
            tokens += answers.Sum(answer => answer.Tokens);
            texts.AddRange(answers.Select(answer => answer.Text));
        }

        return (new Speed(tokens / seconds, tokens / (Environment.CpuUsage.TotalTime - cpu).TotalSeconds), [.. texts]);
    }

    /// <param name="Wall">Tokens per second.</param>
    /// <param name="Cpu">Tokens per second of processor time: hardly disturbed by what else the machine does.</param>
    private readonly record struct Speed(double Wall, double Cpu);

    private static async Task<(double Seconds, int Tokens, string Text)> AnswerAsync(LanguageModel model, GenerationRequest request, CancellationToken cancellationToken)
    {
        long first = 0;
        var text = new StringBuilder();
        await foreach (GenerationEvent item in model.Submit(request, cancellationToken).ReadAllAsync(cancellationToken))
        {
            first = first == 0 ? Stopwatch.GetTimestamp() : first;
            text.Append((item as GenerationEvent.Delta)?.Text);
            if (item is GenerationEvent.Finished end)
            {
                return (Stopwatch.GetElapsedTime(first).TotalSeconds, end.Usage.CompletionTokens - 1, text.ToString());
            }
        }

        throw new InvalidOperationException("The answer has no end.");
    }
}
