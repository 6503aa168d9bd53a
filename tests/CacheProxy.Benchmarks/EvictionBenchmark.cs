using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CacheProxy.Benchmarks.Eviction;
using CacheProxy.Exchange;
using CacheProxy.Stores.Memory;

namespace CacheProxy.Benchmarks;

/// <summary>
/// What the memory store saves under its own policy, and under others in its place. The policy's constants were chosen on the traces marked
/// "tuned"; the others are of other seeds and exponents, and of real requests.
/// </summary>
internal sealed class EvictionBenchmark : IBenchmark
{
    private const string MooncakeFile = "mooncake-traces/conversation_trace.jsonl";
    private const string ConversationFile = "azure-llm-traces/AzureLLMInferenceTrace_conv.csv";
    private const string CodeFile = "azure-llm-traces/AzureLLMInferenceTrace_code.csv";

    // Requests that begin with the same blocks of 512 tokens ask the same application the same thing, as far as a trace without texts can say.
    private const int MooncakeBlocks = 3;

    private static readonly double[] Shares = [0.01, 0.05, 0.10, 0.25];

    public string Name => "eviction";

    public string Summary => "cost that the memory store saves under its policy, LRU, LFU, FIFO, S3-FIFO and GDSF [--data FOLDER] [--requests N]";

    public Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int requests = Arguments.Number(arguments, "--requests", 200_000);
        string? folder = Arguments.Text(arguments, "--data") ?? FindData();
        Console.WriteLine($"part of the cost saved at 1, 5, 10 and 25 % of the working set; in brackets the hit rate, then the ratio to LRU's cost saved");
        foreach ((CostTrace trace, bool isHeld) in Traces(requests, folder))
        {
            Console.WriteLine($"{trace.Name} ({(isHeld ? "held out" : "tuned")}): {trace.Requests.Count} requests, working set {trace.WorkingSetBytes / 1e6:F0} MB");
            Report(trace, cancellationToken);
        }

        return Task.CompletedTask;
    }

    private static void Report(CostTrace trace, CancellationToken cancellationToken)
    {
        var firsts = new double[Shares.Length];
        foreach ((string name, Func<long, IEvictionPolicy> create) in EvictionReplay.Policies)
        {
            var line = new List<string>();
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < Shares.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                EvictionReplay.Result result = EvictionReplay.Run(trace, (long)(trace.WorkingSetBytes * Shares[i]), create);
                firsts[i] = firsts[i] == 0 ? result.CostSaved : firsts[i];
                line.Add(string.Create(CultureInfo.InvariantCulture, $"{result.CostSaved,6:P1} ({result.HitRate:P1}) {result.CostSaved / firsts[i]:F2}x"));
            }

            double microseconds = Stopwatch.GetElapsedTime(started).TotalMicroseconds / (trace.Requests.Count * Shares.Length);
            Console.WriteLine($"  {name,-8} {string.Join("  ", line)}  {microseconds:F1} us a request");
        }
    }

    private static IEnumerable<(CostTrace Trace, bool IsHeld)> Traces(int requests, string? folder)
    {
        int questions = requests / 10;
        yield return (SyntheticTraces.Create("Zipf 0.8, scans 20 %", 0.8, questions, requests, 0.2, 10, seed: 1), false);
        yield return (SyntheticTraces.Create("Zipf 0.9, scans 20 %", 0.9, questions, requests, 0.2, 20, seed: 2), false);
        yield return (SyntheticTraces.Create("Zipf 1.0, scans 30 %", 1.0, questions, requests, 0.3, 40, seed: 3), false);
        yield return (SyntheticTraces.Create("Zipf 0.85, scans 10 %", 0.85, questions, requests, 0.1, 20, seed: 101), true);
        yield return (SyntheticTraces.Create("Zipf 1.0, no scans", 1.0, questions, requests, 0, 0, seed: 102), true);
        yield return (SyntheticTraces.Create("Zipf 1.1, scans 20 %, many shifts", 1.1, questions, requests, 0.2, 100, seed: 103), true);
        if (folder is null)
        {
            Console.WriteLine("without the real traces: give their folder with --data.");
            yield break;
        }

        yield return (SyntheticTraces.Create("Azure conversation lengths, Zipf 0.9", 0.9, questions, requests, 0.15, 20, 105, Lengths(Path.Combine(folder, ConversationFile))), true);
        yield return (SyntheticTraces.Create("Azure code lengths, Zipf 0.9", 0.9, questions, requests, 0.15, 20, 106, Lengths(Path.Combine(folder, CodeFile))), true);
        yield return (Mooncake(Path.Combine(folder, MooncakeFile)), true);
    }

    private static List<(int Prompt, int Completion)> Lengths(string path)
        => [.. File.ReadLines(path).Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')).Select(cells => (Number(cells[1]), Number(cells[2])))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static CostTrace Mooncake(string path)
    {
        var numbers = new Dictionary<string, int>();
        var entries = new List<CacheEntry>();
        var asked = new List<int>();
        foreach (string line in File.ReadLines(path))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            string key = string.Join(',', root.GetProperty("hash_ids").EnumerateArray().Take(MooncakeBlocks).Select(id => id.GetInt32()));
            if (!numbers.TryGetValue(key, out int number))
            {
                numbers[key] = number = entries.Count;
                entries.Add(SyntheticTraces.Entry(number, root.GetProperty("input_length").GetInt32(), root.GetProperty("output_length").GetInt32()));
            }

            asked.Add(number);
        }

        return new CostTrace("Mooncake conversations", entries, asked);
    }

    private static string? FindData()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string data = Path.Combine(at.FullName, "shared", "data");
            if (File.Exists(Path.Combine(data, MooncakeFile)) && File.Exists(Path.Combine(data, CodeFile)) && File.Exists(Path.Combine(data, ConversationFile)))
            {
                return data;
            }
        }

        return null;
    }
}
