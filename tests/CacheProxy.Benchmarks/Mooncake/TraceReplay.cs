using System.Diagnostics;
using System.Threading.Channels;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Text;
using CacheProxy.Inference.Tiers;
using CacheProxy.TestKit;

namespace CacheProxy.Benchmarks.Mooncake;

/// <summary>One pass of a trace through a whole engine, one request after the other. A block of the trace is a block of the engine.</summary>
internal static class TraceReplay
{
    /// <summary>Room for the longest request of the trace, and little more: what the tiers are for.</summary>
    private const int PoolBlocks = 260;

    /// <summary>Part of the budget beyond the pool that is memory.</summary>
    private const double RamShare = 0.2;

    private const int RequestsPerFlush = 16;

    /// <param name="HitRate">Blocks found of all blocks asked for.</param>
    /// <param name="Pool">Part of all blocks that the pool had; <paramref name="Ram"/> and <paramref name="Disk"/> likewise.</param>
    /// <param name="Microseconds">Wall time per request; the model costs nothing, so this is the engine, the tree and the tiers.</param>
    public sealed record Result(double HitRate, double Pool, double Ram, double Disk, double Microseconds);

    /// <param name="blocks">Blocks that pool, memory and disk hold together.</param>
    public static async Task<Result> RunAsync(IReadOnlyList<int[]> requests, int blocks, bool leastRecentlyUsed, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("mooncake-").FullName;
        try
        {
            var runner = new StubRunner(PoolBlocks);
            int ram = (int)((blocks - PoolBlocks) * RamShare);
            int disk = blocks - PoolBlocks - ram;
            var cache = new KvCacheOptions
            {
                LeastRecentlyUsed = leastRecentlyUsed,
                Tiers = new KvTierOptions { RamBytes = ram * runner.BlockBytes, DiskBytes = disk * StubRunner.DiskBytesPerBlock, DiskPath = folder },
            };
            // A clock that stands still measures no prefill rate: against a model that costs nothing every load would be declined.
            await using var engine = new InferenceEngine(runner, new NoVocabulary(), time: new FakeTimeProvider(), cache: cache);
            await Task.Yield();
            long start = Stopwatch.GetTimestamp();
            for (int index = 0; index < requests.Count; index++)
            {
                await AskAsync(engine, requests[index], cancellationToken);
                if (index % RequestsPerFlush == 0)
                {
                    await FlushAsync(engine);
                }
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            return ResultOf(engine.Stats.Counts, requests, elapsed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>An hour of requests comes in seconds: without this the disk's queue would overflow, and blocks would be dropped.</summary>
    private static async Task FlushAsync(InferenceEngine engine)
    {
        while (!await engine.QueryCacheAsync(cache => cache.Tiers?.Disk is null or { IsIdle: true }))
        {
            await Task.Yield();
        }
    }

    private static async Task AskAsync(InferenceEngine engine, int[] blocks, CancellationToken cancellationToken)
    {
        // One token stands for the 512 of a block of the trace. The last token of a prompt is always computed, so one more is put behind it.
        var request = new GenerationRequest { PromptTokens = [.. blocks, 0], MaxTokens = 1, IgnoreEndOfSequence = true };
        ChannelReader<GenerationEvent> events = engine.Submit(request, cancellationToken);
        await foreach (GenerationEvent item in events.ReadAllAsync(cancellationToken))
        {
            if (item is GenerationEvent.Finished { Error: { } error })
            {
                throw new InvalidOperationException(error);
            }
        }
    }

    private static Result ResultOf(SchedulerCounts counts, IReadOnlyList<int[]> requests, TimeSpan elapsed)
    {
        double all = requests.Sum(request => request.Length);
        double ram = counts.Tiers.RamHitTokens / all, disk = counts.Tiers.DiskHitTokens / all;
        return new Result(counts.HitTokens / all, (counts.HitTokens / all) - ram - disk, ram, disk, elapsed.TotalMicroseconds / requests.Count);
    }

    private sealed class NoVocabulary : ITokenVocabulary
    {
        public int Count => StubRunner.Vocabulary;

        public ReadOnlySpan<byte> BytesOf(int token) => "x"u8;

        public bool IsEndOfSequence(int token) => false;
    }
}
