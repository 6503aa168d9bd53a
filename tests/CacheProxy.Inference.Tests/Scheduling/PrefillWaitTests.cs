using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>However busy the engine is with decoding and other prompts, a prompt that has started goes on within the guaranteed wait.</summary>
public sealed class PrefillWaitTests
{
    [Theory]
    [InlineData(1, 16, 6)]
    [InlineData(2, 48, 40)]
    [InlineData(3, 12, 20)]
    public void Step_UnderLoad_NoStartedPromptWaitsLongerThanItsTurn(int seed, int budget, int maxRunning)
    {
        var random = new Random(seed);
        var wait = TimeSpan.FromMilliseconds(500);
        var step = TimeSpan.FromMilliseconds(40);
        using var harness = new SchedulerHarness(
            new FakeModelRunner(blockCount: 2000, contextLength: 4000, maxBatchTokens: budget),
            new SchedulingOptions { MaxRunning = maxRunning, MaxPrefillWait = wait });
        var answers = new List<SchedulerHarness.Answer>();
        int mostPrompts = 0;
        for (int i = 0; i < 1500; i++)
        {
            if (harness.Queued < 4)
            {
                answers.Add(harness.Add(new GenerationRequest
                {
                    PromptTokens = SchedulerTests.Prompt(random.Next(1000), 1 + random.Next(120)),
                    MaxTokens = 1 + random.Next(60),
                    IgnoreEndOfSequence = true,
                }));
            }

            harness.Step();
            harness.Clock.Advance(step);
            mostPrompts = Math.Max(mostPrompts, answers.Count(answer => answer.Sequence.Lease is not null && !answer.Sequence.IsDecoding));
        }

        // One overdue prompt is served a step, the longest waiting first: the last of n waits n - 1 steps more.
        TimeSpan bound = wait + (step * (mostPrompts + 1));
        Assert.All(answers, answer => Assert.InRange(TimeSpan.FromTicks(answer.Sequence.LongestWait), TimeSpan.Zero, bound));
        Assert.Contains(answers, answer => answer.Sequence.LongestWait > 0);
        harness.RunToEnd();
    }
}
