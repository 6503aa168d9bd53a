using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Engine;

/// <summary>Tokens per second of the model runner and of llama.cpp: same model, threads and prompts, turn by turn in one run.</summary>
internal sealed class EngineBenchmark : IBenchmark
{
    private const int Context = 256, DecodeSteps = 32;

    public string Name => "engine";

    public string Summary => "prefill and decode against llama.cpp [--rounds 5] [--threads 2] [--only prefill|decode] [--alone: without llama.cpp]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int rounds = Option(arguments, "--rounds", 5), threads = Option(arguments, "--threads", Environment.ProcessorCount);
        string model = Repository.File("config", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
        await using var own = new OwnEngine(model, threads);
        await using LlamaCppEngine? peer = arguments.Contains("--alone") ? null : await LlamaCppEngine.StartAsync(model, threads, cancellationToken);
        IEngine[] engines = peer is null ? [own] : [own, peer];
        await ValidateAsync(engines, cancellationToken);

        Console.WriteLine($"threads {threads}, medians of {rounds}, tokens/s (per second of processor time in brackets)");
        int only = Array.IndexOf(arguments, "--only");
        string wanted = only >= 0 && only + 1 < arguments.Length ? arguments[only + 1] : "";
        foreach (int length in "prefill".StartsWith(wanted, StringComparison.Ordinal) ? [512, 2048] : (int[])[])
        {
            int[][] prompts = Prompts(1, length);
            await CompareAsync($"prefill {length}", engines, rounds, length, 1, length + 16, engine => engine.PrefillAsync(prompts, cancellationToken), cancellationToken);
        }

        foreach (int sequences in "decode".StartsWith(wanted, StringComparison.Ordinal) ? [1, 8] : (int[])[])
        {
            int[][] prompts = Prompts(sequences, Context);
            await CompareAsync($"decode x{sequences}", engines, rounds, sequences * DecodeSteps, sequences, Context + (DecodeSteps * (rounds + 2)), engine => engine.DecodeAsync(DecodeSteps, cancellationToken), cancellationToken, prompts);
        }
    }

    /// <summary>One warm-up and <paramref name="rounds"/> timed turns of each engine.</summary>
    private static async Task CompareAsync(
        string name, IEngine[] engines, int rounds, int tokens, int sequences, int room, Func<IEngine, Task<Timing>> work, CancellationToken cancellationToken, int[][]? prompts = null)
    {
        List<Timing>[] timings = [.. engines.Select(_ => new List<Timing>())];
        foreach (IEngine engine in engines)
        {
            await engine.OpenAsync(sequences, room, cancellationToken);
            if (prompts is not null)
            {
                await engine.PrefillAsync(prompts, cancellationToken);
            }

            await work(engine);
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < engines.Length; i++)
            {
                timings[i].Add(await work(engines[i]));
            }
        }

        double[] wall = [.. timings.Select(list => tokens / Statistics.Median(list.Select(t => t.Milliseconds)) * 1000)];
        double[] cpu = [.. timings.Select(list => tokens / Statistics.Median(list.Select(t => t.CpuMilliseconds)) * 1000)];
        string own = $"{name,-13} {wall[0],7:F0} ({cpu[0]:F0})";
        Console.WriteLine(engines.Length == 1 ? own : $"{own}   llama.cpp {wall[1],7:F0} ({cpu[1]:F0})   ratio {wall[0] / wall[1]:F2} ({cpu[0] / cpu[1]:F2})");
    }

    /// <summary>Both must write what the float32 reference writes, on a prompt where no step is close.</summary>
    private static async Task ValidateAsync(IEngine[] engines, CancellationToken cancellationToken)
    {
        const int steps = 16;
        Golden golden = File.ReadLines(Repository.File("tests", "CacheProxy.Inference.Tests", "Fixtures", "logits-smollm2.jsonl"))
            .Select(line => JsonSerializer.Deserialize<Golden>(line, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower })!)
            .MaxBy(line => line.MinMargin)!;
        foreach (IEngine engine in engines)
        {
            await engine.OpenAsync(1, golden.Ids.Length + steps + 16, cancellationToken);
            int first = (await engine.PrefillAsync([golden.Ids], cancellationToken)).Tokens[0];
            int[] rest = (await engine.DecodeAsync(steps - 1, cancellationToken)).Tokens;
            if (!golden.Greedy[..steps].SequenceEqual([first, .. rest]))
            {
                throw new InvalidOperationException($"{engine.GetType().Name} wrote {first} {string.Join(' ', rest)}, not {string.Join(' ', golden.Greedy[..steps])}.");
            }
        }
    }

    private static int[][] Prompts(int count, int length)
    {
        var random = new Random(count + length);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, length).Select(_ => random.Next(100, 40000)).ToArray())];
    }

    private static int Option(string[] arguments, string name, int fallback)
    {
        int at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? int.Parse(arguments[at + 1], System.Globalization.CultureInfo.InvariantCulture) : fallback;
    }

    private sealed record Golden(int[] Ids, int[] Greedy, double MinMargin);
}
