using System.Text.Json;
using CacheProxy.Benchmarks.Mooncake;

namespace CacheProxy.Benchmarks;

/// <summary>Replays the Mooncake conversation trace through the product's prefix tree and tiers; the model is a stub, and blocks hold nothing.</summary>
internal sealed class MooncakeBenchmark : IBenchmark
{
    private const int TraceBlockTokens = 512;
    private const string TraceFile = "mooncake-traces/conversation_trace.jsonl";

    /// <summary>Budgets of pool, memory and disk together, in tokens.</summary>
    private static readonly long[] Budgets = [2_600_000, 5_100_000, 10_000_000, 26_000_000];

    public string Name => "mooncake";

    public string Summary => "block hit rate of the tree and tiers on the Mooncake conversation trace [path], against plain LRU; cost per request";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if ((arguments.Length > 0 ? arguments[0] : Find()) is not { } path || !File.Exists(path))
        {
            Console.WriteLine($"skipped: no trace; give its path, or have shared/data/{TraceFile} beside the checkout.");
            return;
        }

        List<int[]> requests = [.. File.ReadLines(path).Select(Parse)];
        double unbounded = Unbounded(requests);
        Console.WriteLine($"{requests.Count} requests, {requests.Sum(request => request.Length)} blocks of {TraceBlockTokens} tokens; unbounded hit rate {unbounded:P2}");
        foreach (long budget in Budgets)
        {
            int blocks = (int)(budget / TraceBlockTokens);
            TraceReplay.Result plain = await TraceReplay.RunAsync(requests, blocks, leastRecentlyUsed: true, cancellationToken);
            TraceReplay.Result own = await TraceReplay.RunAsync(requests, blocks, leastRecentlyUsed: false, cancellationToken);
            Console.WriteLine(
                $"{budget / 1e6,5:F1}M tokens: {own.HitRate:P2} of blocks ({own.HitRate / unbounded:P1} of unbounded; plain LRU {plain.HitRate:P2}), "
                + $"from pool/memory/disk {own.Pool:P1}/{own.Ram:P1}/{own.Disk:P1}, {own.Microseconds:F0} us per request in engine and tree");
        }
    }

    private static int[] Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return [.. document.RootElement.GetProperty("hash_ids").EnumerateArray().Select(id => id.GetInt32())];
    }

    /// <summary>With room for everything: the part of blocks that some request before had behind the same past.</summary>
    private static double Unbounded(List<int[]> requests)
    {
        var seen = new HashSet<int>();
        long hits = 0;
        foreach (int[] request in requests)
        {
            hits += request.TakeWhile(seen.Contains).Count();
            seen.UnionWith(request);
        }

        return hits / (double)requests.Sum(request => request.Length);
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", TraceFile);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
