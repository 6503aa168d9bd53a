using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

public sealed class DeadlineTests
{
    [Fact]
    public void Step_DeadlinePassesWhileWaiting_EndsWithoutAToken()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(), new SchedulingOptions { MaxRunning = 1 });
        harness.Add(Request(1) with { MaxTokens = 50 });
        SchedulerHarness.Answer waiting = harness.Add(Request(2) with { Deadline = harness.Clock.GetUtcNow().AddSeconds(5) });
        harness.Step();
        harness.Clock.Advance(TimeSpan.FromSeconds(4.9));
        harness.Step();
        Assert.False(waiting.Sequence.Output.IsFinished);

        harness.Clock.Advance(TimeSpan.FromSeconds(0.1));
        harness.Step();

        GenerationEvent.Finished end = waiting.End();
        Assert.Equal((FinishReason.TimedOut, new GenerationUsage(6, 0, 0)), (end.Reason, end.Usage));
        Assert.Contains("deadline", end.Error, StringComparison.Ordinal);
        Assert.Equal(0, harness.Queued);
    }

    [Fact]
    public void Step_DeadlinePassesWhileRunning_EndsWithWhatThereIsAndFreesItsBlocks()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner());
        SchedulerHarness.Answer running = harness.Add(Request(1) with { MaxTokens = 50, Deadline = harness.Clock.GetUtcNow().AddSeconds(1) });
        harness.Step();
        harness.Step();
        harness.Clock.Advance(TimeSpan.FromSeconds(1));

        harness.Step();

        GenerationEvent.Finished end = running.End();
        Assert.Equal((FinishReason.TimedOut, 2), (end.Reason, end.Usage.CompletionTokens));
        Assert.Equal((0, 0), (harness.Scheduler.Counts.BlocksLeased, harness.Scheduler.Counts.Running));
    }

    [Fact]
    public void Step_DeadlineAlreadyPassed_CostsNoStep()
    {
        var runner = new FakeModelRunner();
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer late = harness.Add(Request(1) with { Deadline = harness.Clock.GetUtcNow().AddDays(-1) });

        harness.RunToEnd();

        Assert.Equal(FinishReason.TimedOut, late.End().Reason);
        Assert.Empty(runner.Steps);
    }

    private static GenerationRequest Request(int seed) => new() { PromptTokens = SchedulerTests.Prompt(seed, 6), MaxTokens = 5, IgnoreEndOfSequence = true };
}
