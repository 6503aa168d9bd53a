using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Families;
using CacheProxy.Inference.Tests.Tiers;
using CacheProxy.Inference.Tiers;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>
/// Real models under random traffic with everything on at once: a pool that is too small, both tiers and a restart between, drafts, early
/// reuse, cancels, deadlines. What a request gets is to the bit what it gets alone on an engine without any of that.
/// </summary>
public sealed class EverythingTests(ITestOutputHelper output)
{
    private const int Rounds = 4;

    private static readonly SchedulingOptions Alone = new() { SpeculativeTokens = 0 };

    private static readonly SchedulingOptions Crowded = new() { MaxRunning = 8, MaxPrefillTokensBesideDecodes = 24, SpeculativeTokens = 8 };

    private int _cancelled;
    private int _timedOut;
    private int _stopped;
    private int _shared;

    [Theory]
    [InlineData("llama-gqa-f16.gguf", KvDataType.Float32, false)]
    [InlineData("llama-gqa-f16.gguf", KvDataType.Int8, false)]
    [InlineData("llama-gqa-f16.gguf", KvDataType.Float32, true)]
    [InlineData("mistral-swa", KvDataType.Float32, false)]
    [InlineData("mistral-swa", KvDataType.Int8, false)]
    public async Task Submit_EverythingOn_AnswersAsAlone(string model, KvDataType type, bool evicts)
    {
        using ICheckpoint checkpoint = model.EndsWith(".gguf", StringComparison.Ordinal) ? GgufFile.Open(TinyModels.Path(model)) : FamilyModel.Open(model, "config.json");
        var options = new ModelRunnerOptions { MaxBatchTokens = 48, KvDataType = type, Eviction = evicts ? new ContextEviction(16, 48) : null };
        using var large = OnnxModelRunner.Load(checkpoint, options with { BlockCount = 64 });
        // A window gives its blocks back, so it takes fewer of them to run short.
        using var small = OnnxModelRunner.Load(checkpoint, options with { BlockCount = large.Retention.IsBounded && !evicts ? 12 : 18 });
        using var folder = new TemporaryFolder();
        var traffic = new RandomTraffic(seed: model.Length + (int)type);
        var total = new Totals();
        for (int life = 0; life < 2; life++)
        {
            var runner = new GatedRunner(small);
            await using var engine = new InferenceEngine(runner, new ByteVocabulary(), Crowded, cache: new KvCacheOptions
            {
                Tiers = new KvTierOptions { RamBytes = 8 * small.BlockBytes, DiskBytes = 60 * DiskFiles.BytesPerBlock((int)small.BlockBytes, 16), DiskPath = folder.Path },
            });
            for (int round = 0; round < Rounds; round++)
            {
                await Serve(engine, runner, large, traffic);
            }

            total.Add(engine.Stats.Counts, runner.Copies);
            Assert.Equal(EngineState.Running, engine.Stats.State);
        }

        output.WriteLine($"{total}, {_cancelled} cancelled, {_timedOut} timed out, {_stopped} stopped, {_shared} shared early");
        total.AssertAllHappened(unless: small.Retention.IsBounded ? "preemptions" : "");
        Assert.All((int[])[_cancelled, _timedOut, _stopped, _shared], count => Assert.True(count > 0));
    }

    private async Task Serve(InferenceEngine engine, GatedRunner runner, IModelRunner large, RandomTraffic traffic)
    {
        GenerationRequest[] siblings = traffic.NextSiblings();
        var requests = new List<GenerationRequest>(siblings);
        var truths = new List<Reply>();
        for (int i = 0; i < 9; i++)
        {
            requests.Add(traffic.Next());
        }

        for (int i = 0; i < requests.Count; i++)
        {
            Reply truth = await AskAlone(large, requests[i]);
            if (traffic.Chance(3) && truth.Text.Length > 3)
            {
                int at = traffic.Below(truth.Text.Length - 1);
                requests[i] = requests[i] with { Stop = [truth.Text.Substring(at, 2)] };
                truth = await AskAlone(large, requests[i]);
            }

            truths.Add(truth);
        }

        runner.Gate.Reset();
        Task<Reply>[] replies = [.. requests.Select((request, index) => Submit(engine, request, index < siblings.Length ? 9 : traffic.Below(8)))];
        runner.Gate.Set();
        Reply[] answers = await Task.WhenAll(replies);
        for (int i = 0; i < answers.Length; i++)
        {
            Compare(requests[i], truths[i], answers[i]);
            _shared += i < siblings.Length && answers[i].End.Usage.CachedTokens >= 16 ? 1 : 0;
        }
    }

    /// <param name="fate">What else happens to it.</param>
    private static async Task<Reply> Submit(InferenceEngine engine, GenerationRequest request, int fate)
    {
        using var cancel = new CancellationTokenSource();
        DateTimeOffset? deadline = fate switch
        {
            1 => DateTimeOffset.UtcNow.AddMilliseconds(15),
            2 => DateTimeOffset.UtcNow.AddSeconds(-1),
            3 => DateTimeOffset.MaxValue,
            _ => null,
        };
        Task<Reply> reply = Reply.Read(engine.Submit(request with { Deadline = deadline }, cancel.Token), fate == 0 ? cancel.Cancel : null);
        if (fate == 4)
        {
            await cancel.CancelAsync();
        }

        Reply answer = await reply;
        Assert.True(answer.End.Reason is not FinishReason.TimedOut || fate is 1 or 2);
        Assert.True(answer.End.Reason is not FinishReason.Cancelled || fate is 0 or 4);
        return answer;
    }

    private static async Task<Reply> AskAlone(IModelRunner runner, GenerationRequest request)
    {
        await using var engine = new InferenceEngine(new GatedRunner(runner), new ByteVocabulary(), Alone);
        return await Reply.Read(engine.Submit(request, TestContext.Current.CancellationToken));
    }

    private void Compare(GenerationRequest request, Reply truth, Reply answer)
    {
        FinishReason reason = answer.End.Reason;
        _cancelled += reason == FinishReason.Cancelled ? 1 : 0;
        _timedOut += reason == FinishReason.TimedOut ? 1 : 0;
        _stopped += reason == FinishReason.Stop && request.Stop.Count > 0 ? 1 : 0;
        if (reason is FinishReason.Cancelled or FinishReason.TimedOut)
        {
            Assert.Equal(truth.Tokens.Take(answer.Tokens.Count), answer.Tokens);
            return;
        }

        Assert.Null(answer.End.Error);
        Assert.Equal(truth.Tokens, answer.Tokens);
        Assert.Equal((truth.Text, truth.End.Reason, truth.End.Usage.CompletionTokens), (answer.Text, reason, answer.End.Usage.CompletionTokens));
    }

    /// <summary>What happened in all lives of the engine.</summary>
    private sealed record Totals
    {
        private readonly Dictionary<string, long> _counts = [];

        public void Add(SchedulerCounts counts, int copies)
        {
            foreach ((string name, long count) in ((string, long)[])
                [
                    ("copies", copies), ("hits", counts.HitTokens), ("preemptions", counts.Preemptions), ("evicted", counts.EvictedBlocks),
                    ("drafted", counts.DraftedTokens), ("accepted", counts.AcceptedTokens), ("from memory", counts.Tiers.RamHitTokens),
                    ("from disk", counts.Tiers.DiskHitTokens), ("spilled", counts.Tiers.SpilledBlocks),
                ])
            {
                _counts[name] = _counts.GetValueOrDefault(name) + count;
            }

            Assert.Equal((0, 0, 0L), (counts.Running, counts.BlocksLeased, counts.Tiers.DamagedBlocks));
        }

        /// <param name="unless">What may but need not: sequences with a window give blocks back before anybody has to be preempted.</param>
        public void AssertAllHappened(string unless) =>
            Assert.All(_counts, count => Assert.True(count.Value > 0 || count.Key == unless, $"no {count.Key}"));

        public override string ToString() => string.Join(", ", _counts.Select(count => $"{count.Value} {count.Key}"));
    }
}
