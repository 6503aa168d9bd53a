using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Families;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Tests.Scheduling;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>A model that attends to sinks and a window, beyond its context and its pool.</summary>
public sealed class ContextEvictionTests
{
    private static readonly ContextEviction Eviction = new(16, 64);

    private static readonly int[] Prompt = [.. ModelDriver.RandomTokens(50, 9, 5000).Select(token => token % RandomLlama.Vocabulary)];

    private static readonly byte[] Model = new RandomLlama(4, 2, 16, 31).ToGguf();

    [Fact]
    public void Answer_BeyondContextAndPool_IsTheOneOfAnUnboundedPool()
    {
        const int length = 1100;
        int[] truth = WithRunner(new ModelRunnerOptions { BlockCount = 80, Eviction = Eviction }, runner => Greedy(runner, length));
        WithRunner(new ModelRunnerOptions { BlockCount = 18, MaxBatchTokens = 32, Eviction = Eviction }, runner =>
        {
            Assert.True(Prompt.Length + length > runner.ContextLength);
            using var harness = new SchedulerHarness(runner);
            SchedulerHarness.Answer answer = harness.Add(Prompt, length);
            harness.RunToEnd();
            Assert.Null(answer.End().Error);
            Assert.Equal(truth, answer.Tokens);
            Assert.Equal(0, harness.Scheduler.Counts.Preemptions);
            return 0;
        });
    }

    [Fact]
    public void Answer_SlidingWindowModelBeyondThePool_IsTheOneOfALargePool()
    {
        using ICheckpoint checkpoint = FamilyModel.Open("mistral-swa", "config.json");
        int[] Answer(int blocks)
        {
            using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = blocks, MaxBatchTokens = 16 });
            Assert.Equal(new KvRetention(0, 32), runner.Retention);
            using var harness = new SchedulerHarness(runner);
            SchedulerHarness.Answer answer = harness.Add(ModelDriver.RandomTokens(60, 8, 500), 300);
            harness.RunToEnd();
            Assert.Null(answer.End().Error);
            Assert.Equal(0, harness.Scheduler.Counts.Preemptions);
            return answer.Tokens;
        }

        Assert.Equal(Answer(64), Answer(12));
    }

    [Fact]
    public void Prefill_ShorterThanTheWindow_IsAsWithoutEviction()
    {
        float[] without = WithRunner(new ModelRunnerOptions { BlockCount = 8 }, runner => runner.Prefill(Prompt, ModelDriver.Blocks(0, 50)));
        float[] with = WithRunner(new ModelRunnerOptions { BlockCount = 64, Eviction = Eviction }, runner => runner.Prefill(Prompt, ModelDriver.Blocks(0, 50)));
        Assert.Equal(without, with);
    }

    [Fact]
    public void Load_PoolTooSmallForTheWindow_IsRefused()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => WithRunner(new ModelRunnerOptions { BlockCount = 15, MaxBatchTokens = 32, Eviction = Eviction }, _ => 0));
        Assert.StartsWith("16 sinks and a window of 64 tokens need a KV pool of 16 blocks; it has 15.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WindowBeyondTheContext_IsRefused()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => WithRunner(new ModelRunnerOptions { Eviction = new ContextEviction(16, 1024) }, _ => 0));
        Assert.StartsWith("16 sinks and a window of 1024 tokens do not fit the model's context of 1024.", refused.Message, StringComparison.Ordinal);
    }

    private static int[] Greedy(OnnxModelRunner runner, int length)
    {
        int[] blocks = ModelDriver.Blocks(0, Prompt.Length + length);
        var tokens = new List<int>(Prompt);
        float[] logits = runner.Prefill(Prompt, blocks);
        for (int i = 0; i < length; i++)
        {
            tokens.Add(TensorPrimitives.IndexOfMax<float>(logits));
            logits = runner.Prefill([.. tokens], blocks, tokens.Count - 1);
        }

        return [.. tokens.Skip(Prompt.Length)];
    }

    private static T WithRunner<T>(ModelRunnerOptions options, Func<OnnxModelRunner, T> use)
    {
        using var saved = new TemporaryFile(Model);
        using GgufFile file = GgufFile.Open(saved.Path);
        using var runner = OnnxModelRunner.Load(file, options);
        return use(runner);
    }
}
