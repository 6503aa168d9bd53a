using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Scheduling;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>A model that turns keys otherwise beyond 128 tokens: what a short request leaves behind must serve a long one.</summary>
public sealed class LongRopeReuseTests
{
    private static readonly int[] Tokens = ModelDriver.RandomTokens(170, 3, 500);

    [Fact]
    public void Schedule_ShortThenLong_AnswersAsIfAlone()
    {
        using ICheckpoint checkpoint = FamilyModel.Open("phi3-longrope");
        int[] alone = Generate(checkpoint);
        Assert.Equal(alone, Generate(checkpoint, Tokens[..100]));
    }

    /// <returns>What follows all tokens when the <paramref name="earlier"/> prompts came before.</returns>
    private static int[] Generate(ICheckpoint checkpoint, params int[][] earlier)
    {
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 32, MaxBatchTokens = 64 });
        using var harness = new SchedulerHarness(runner);
        foreach (int[] prompt in earlier)
        {
            harness.Add(prompt, 8);
            harness.RunToEnd();
        }

        SchedulerHarness.Answer answer = harness.Add(Tokens, 24);
        harness.RunToEnd();
        Assert.Equal(earlier.Length > 0, answer.Sequence.CachedTokens >= 96);
        return answer.Tokens;
    }
}
