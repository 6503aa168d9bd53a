using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Scheduling;

/// <summary>
/// What the engine adds to ONNX Runtime's time in a step of eight decoding answers: planning, token rows, sampling, text, events.
/// Also what its thread allocates.
/// </summary>
internal sealed class OverheadBenchmark : IBenchmark
{
    private const int Sequences = 8;

    public string Name => "overhead";

    public string Summary => "engine time outside ONNX Runtime in a step of 8 decoding answers [--rounds 5] [--tokens 128] [--threads 2]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int rounds = Arguments.Number(arguments, "--rounds", 5), tokens = Arguments.Number(arguments, "--tokens", 128);
        SteppedRunner? steps = null;
        var options = new LanguageModelOptions
        {
            Runner = new ModelRunnerOptions { Threads = Arguments.Number(arguments, "--threads", Environment.ProcessorCount) },
            Decorate = runner => steps = new SteppedRunner((OnnxModelRunner)runner),
        };
        await using LanguageModel model = LanguageModel.Load(
            Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"), options);
        await model.WarmUpAsync(cancellationToken);
        Console.WriteLine($"medians of {rounds} runs of {tokens} tokens, {Sequences} answers at once");
        (string Name, SamplingOptions Sampling, int? Speculate)[] cases =
        [
            ("greedy", SamplingOptions.Greedy, 0),
            ("greedy, drafts", SamplingOptions.Greedy, null),
            ("temp. 1", new SamplingOptions(Temperature: 1f, Seed: 1), 0),
            ("temp. 0.7, top-p 0.9", new SamplingOptions(Temperature: 0.7f, TopP: 0.9f, Seed: 1), 0),
        ];
        foreach ((string name, SamplingOptions sampling, int? speculate) in cases)
        {
            await MeasureAsync(name, model, steps!, new GenerationRequest
            {
                PromptTokens = [0],
                MaxTokens = tokens,
                IgnoreEndOfSequence = true,
                Sampling = sampling,
                Speculate = speculate,
            }, rounds, cancellationToken);
        }
    }

    private static async Task MeasureAsync(string name, LanguageModel model, SteppedRunner runner, GenerationRequest template, int rounds, CancellationToken cancellationToken)
    {
        var shares = new List<double>();
        var microseconds = new List<double>();
        var bytes = new List<double>();
        for (int round = -1; round < rounds; round++)
        {
            runner.Reset();
            await Task.WhenAll(Enumerable.Range(0, Sequences).Select(i => ReadAsync(model, template with { PromptTokens = Prompt(model, i) }, cancellationToken)));
            SteppedRunner.Step[] steady = [.. runner.Steps.ToArray().Where(step => step.Sequences == Sequences && step.Tokens < 16 * Sequences)];
            if (steady.Length < template.MaxTokens / 8)
            {
                throw new InvalidOperationException($"Only {steady.Length} steps decoded all {Sequences} answers.");
            }

            if (round >= 0)
            {
                double all = steady.Sum(step => step.Seconds), session = steady.Sum(step => step.SessionSeconds);
                shares.Add((all - session) / all);
                microseconds.Add((all - session) / steady.Length * 1e6);
                bytes.Add(Statistics.Median(steady.Select(step => (double)step.Bytes)));
            }
        }

        Console.WriteLine(
            $"{name,-21} outside ONNX Runtime {Statistics.Median(shares) * 100:F2} % of a step (bar 3 %), {Statistics.Median(microseconds):F0} us; "
            + $"{Statistics.Median(bytes):F0} bytes allocated per step");
    }

    private static int[] Prompt(LanguageModel model, int index) => model.EncodeText($"Chapter {index + 1}. It was a day like any other when");

    private static async Task ReadAsync(LanguageModel model, GenerationRequest request, CancellationToken cancellationToken)
    {
        await foreach (GenerationEvent item in model.Submit(request, cancellationToken).ReadAllAsync(cancellationToken))
        {
            if (item is GenerationEvent.Finished { Reason: not FinishReason.Length } end)
            {
                throw new InvalidOperationException($"An answer ended with {end.Reason}: {end.Error}");
            }
        }
    }
}
