using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>Every token of a prompt is described once, whatever happens to the request on its way.</summary>
public sealed class PromptLogProbsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Step_PreemptedHalfwayThroughThePrompt_DescribesEachTokenOnce(int prefill)
    {
        var request = new GenerationRequest
        {
            PromptTokens = SchedulerTests.Prompt(5, 60),
            MaxTokens = 3,
            IgnoreEndOfSequence = true,
            PromptLogProbs = 1,
            TopLogProbs = 1,
            Speculate = 0,
        };
        using var alone = new SchedulerHarness(new FakeModelRunner());
        SchedulerHarness.Answer truth = alone.Add(request);
        alone.RunToEnd();
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 19), new SchedulingOptions { MaxPrefillTokensBesideDecodes = prefill });
        harness.Add(SchedulerTests.Prompt(1, 8), 50);
        harness.Step();

        SchedulerHarness.Answer answer = harness.Add(request);
        for (int step = 0; harness.Scheduler.Counts.Preemptions == 0; step++)
        {
            Assert.True(step < 60, "nobody is preempted");
            harness.Step();
        }

        Assert.Null(answer.Sequence.Lease);
        Assert.InRange(answer.Sequence.DescribedTokens, 10, 50);
        harness.RunToEnd();
        Assert.Equal(truth.Tokens, answer.Tokens);
        (int, float)[] expected = Described(truth);
        Assert.Equal(59 + 3, expected.Length);
        Assert.Equal(expected, Described(answer));
    }

    private static (int Token, float LogProb)[] Described(SchedulerHarness.Answer answer)
    {
        var all = new List<(int, float)>();
        while (answer.Events.TryRead(out GenerationEvent? item))
        {
            all.AddRange(item is GenerationEvent.Delta delta ? delta.Tokens.Select(token => (token.Token, token.LogProb)) : []);
        }

        return [.. all];
    }
}
