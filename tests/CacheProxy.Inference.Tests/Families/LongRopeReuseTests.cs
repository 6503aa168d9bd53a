using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Scheduling;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>A model that turns keys otherwise beyond 128 tokens: what a short request leaves behind must not serve a long one.</summary>
public sealed class LongRopeReuseTests
{
    private static readonly int[] Tokens = ModelDriver.RandomTokens(170, 3, 500);

    [Fact]
    public void Schedule_ShortThenLong_AnswersAsIfAlone()
    {
        using ICheckpoint checkpoint = TinyFolder.Open("phi3-longrope");
        int[] alone = Generate(checkpoint, 0);
        Assert.Equal(alone, Generate(checkpoint, 0, Tokens[..100]));
        Assert.Equal(alone, Generate(checkpoint, 128, Tokens[..130]));
    }

    /// <param name="cached">Tokens, at least, that are found of the earlier prompts: only those of the other sequences over 128.</param>
    /// <returns>What follows all tokens when the <paramref name="earlier"/> prompts came before.</returns>
    private static int[] Generate(ICheckpoint checkpoint, int cached, params int[][] earlier)
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
        Assert.InRange(answer.Sequence.CachedTokens!.Value, cached, cached == 0 ? 0 : Tokens.Length);
        return answer.Tokens;
    }
}
