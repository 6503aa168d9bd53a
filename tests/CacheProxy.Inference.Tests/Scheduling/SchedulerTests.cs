using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void Step_LongPrompt_IsCutIntoChunksOfTheBudget()
    {
        var runner = new FakeModelRunner(maxBatchTokens: 32);
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer answer = harness.Add(Prompt(1, 70), 2);

        harness.RunToEnd();

        Assert.Equal([[32], [32], [6], [1]], runner.Steps);
        Assert.Equal(FakeModelRunner.GreedyAnswer(Prompt(1, 70), 2, end: null), answer.Tokens);
    }

    [Fact]
    public void Step_DecodeAndPrompt_ShareTheStepWithTheDecodeFirstAndThePromptLimited()
    {
        var runner = new FakeModelRunner(maxBatchTokens: 32);
        using var harness = new SchedulerHarness(runner, new SchedulingOptions { MaxPrefillTokensBesideDecodes = 10 });
        harness.Add(Prompt(1, 8), 20);
        harness.Step();
        harness.Add(Prompt(2, 25), 3);

        harness.Step();
        harness.Step();
        harness.Step();

        Assert.Equal([[8], [1, 10], [1, 10], [1, 5]], runner.Steps);
    }

    [Fact]
    public void Step_DecodesFillTheBudget_PromptGetsItsShareAfterTheWait()
    {
        var runner = new FakeModelRunner(blockCount: 200, maxBatchTokens: 8);
        using var harness = new SchedulerHarness(runner, new SchedulingOptions { MaxPrefillWait = TimeSpan.FromSeconds(1) });
        SchedulerHarness.Answer[] running = [.. Enumerable.Range(0, 8).Select(i => harness.Add([i], 100))];
        harness.Step();
        SchedulerHarness.Answer late = harness.Add(Prompt(9, 5), 3);
        harness.Step();
        harness.Clock.Advance(TimeSpan.FromSeconds(0.9));
        harness.Step();
        Assert.Equal(0, late.Sequence.Computed);

        harness.Clock.Advance(TimeSpan.FromSeconds(0.1));
        harness.Step();

        Assert.Equal([2, 1, 1, 1, 1, 1, 1], runner.Steps[^1]);
        Assert.Equal(2, late.Sequence.Computed);
        int[] before = [.. running.Select(answer => answer.Tokens.Length)];
        harness.Step();
        Assert.All(running.Select((answer, i) => answer.Tokens.Length - before[i]), gained => Assert.Equal(1, gained));
    }

    [Fact]
    public void Step_MoreDecodesThanBudget_TakeTurns()
    {
        var runner = new FakeModelRunner(blockCount: 200, maxBatchTokens: 5);
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer[] running = [.. Enumerable.Range(0, 12).Select(i => harness.Add([i], 100))];
        for (int i = 0; i < 40; i++)
        {
            harness.Step();
        }

        int[] lengths = [.. running.Select(answer => answer.Tokens.Length)];
        Assert.InRange(lengths.Max() - lengths.Min(), 0, 3);
    }

    [Fact]
    public void Step_HeadOfTheQueueLacksRoom_NobodyOvertakesIt()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 10, blockSize: 4));
        harness.Add(Prompt(1, 20), 4);
        harness.Step();
        SchedulerHarness.Answer large = harness.Add(Prompt(2, 30), 2);
        SchedulerHarness.Answer small = harness.Add(Prompt(3, 2), 2);

        harness.Step();

        Assert.Null(large.Sequence.Lease);
        Assert.Null(small.Sequence.Lease);
        harness.RunToEnd();
        Assert.Equal(FinishReason.Length, large.End().Reason);
        Assert.Equal(FinishReason.Length, small.End().Reason);
    }

    [Fact]
    public void Step_SamePromptTwiceAtOnce_IsComputedOnce()
    {
        var runner = new FakeModelRunner(maxBatchTokens: 16);
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer first = harness.Add(Prompt(1, 60), 3);
        SchedulerHarness.Answer second = harness.Add(Prompt(1, 60), 3);
        SchedulerHarness.Answer other = harness.Add(Prompt(1, 60), 3, salt: "other");

        harness.RunToEnd();

        Assert.Equal(first.Tokens, second.Tokens);
        Assert.Equal(first.Tokens, other.Tokens);
        Assert.Equal((0, 0), (first.End().Usage.CachedTokens, other.End().Usage.CachedTokens));
        Assert.InRange(second.End().Usage.CachedTokens, 56, 59);
        Assert.InRange(harness.Scheduler.Counts.ComputedTokens, 120 + 6, 120 + 6 + 4);
    }

    [Fact]
    public void Step_SharedPrefixBeingComputed_UnrelatedRequestsGoOn()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(maxBatchTokens: 16));
        harness.Add(Prompt(1, 60), 3);
        SchedulerHarness.Answer held = harness.Add([.. Prompt(1, 40), 7, 7, 7], 3);
        SchedulerHarness.Answer unrelated = harness.Add(Prompt(2, 4), 3);

        harness.Step();

        Assert.Null(held.Sequence.Lease);
        Assert.NotNull(unrelated.Sequence.Lease);
        harness.RunToEnd();
        Assert.InRange(held.End().Usage.CachedTokens, 40, 42);
        Assert.Equal(FakeModelRunner.GreedyAnswer([.. Prompt(1, 40), 7, 7, 7], 3, end: null), held.Tokens);
    }

    [Fact]
    public void Step_LeaderCancelled_FollowerComputesItself()
    {
        using var cancel = new CancellationTokenSource();
        using var harness = new SchedulerHarness(new FakeModelRunner(maxBatchTokens: 16));
        SchedulerHarness.Answer leader = harness.Add(Prompt(1, 60), 3, cancel: cancel);
        SchedulerHarness.Answer follower = harness.Add(Prompt(1, 60), 3);
        harness.Step();
        cancel.Cancel();

        harness.RunToEnd();

        Assert.Equal(FinishReason.Cancelled, leader.End().Reason);
        Assert.Equal(16, follower.End().Usage.CachedTokens);
        Assert.Equal(FakeModelRunner.GreedyAnswer(Prompt(1, 60), 3, end: null), follower.Tokens);
    }

    [Fact]
    public void Step_PoolTooSmallForAll_PreemptsTheYoungestAndNobodysAnswerChanges()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 14, blockSize: 4));
        SchedulerHarness.Answer[] answers = [.. Enumerable.Range(0, 4).Select(i => harness.Add(Prompt(i, 6), 40))];

        harness.RunToEnd();

        Assert.True(harness.Scheduler.Counts.Preemptions > 0);
        for (int i = 0; i < answers.Length; i++)
        {
            Assert.Equal(FakeModelRunner.GreedyAnswer(Prompt(i, 6), 40, end: null), answers[i].Tokens);
            Assert.Equal(new GenerationUsage(6, 0, 40), answers[i].End().Usage);
        }

        Assert.Equal(0, harness.Scheduler.Counts.HitTokens);
    }

    [Fact]
    public void Step_CancelledWhileWaiting_EndsAndLeavesTheQueue()
    {
        using var cancel = new CancellationTokenSource();
        using var harness = new SchedulerHarness(new FakeModelRunner(), new SchedulingOptions { MaxRunning = 1 });
        harness.Add(Prompt(1, 4), 10);
        SchedulerHarness.Answer waiting = harness.Add(Prompt(2, 4), 10, cancel: cancel);
        harness.Step();
        Assert.Equal(1, harness.Queued);

        cancel.Cancel();
        harness.Step();

        Assert.Equal(new GenerationEvent.Finished(FinishReason.Cancelled, new GenerationUsage(4, 0, 0)), waiting.End());
        Assert.Equal(0, harness.Queued);
    }

    [Fact]
    public void Step_CopyFails_TokensAreComputedInstead()
    {
        var runner = new FakeModelRunner { BeforeCopy = () => throw new InvalidOperationException("no copy") };
        using var harness = new SchedulerHarness(runner);
        harness.Add(Prompt(1, 10), 3);
        harness.RunToEnd();
        SchedulerHarness.Answer again = harness.Add(Prompt(1, 10), 3);

        harness.RunToEnd();

        Assert.Equal(8, again.End().Usage.CachedTokens);
        Assert.Equal(FakeModelRunner.GreedyAnswer(Prompt(1, 10), 3, end: null), again.Tokens);
        Assert.Equal(1, harness.Scheduler.Counts.FailedCopies);
    }

    [Fact]
    public void Step_GeneratedTokens_AreFoundByTheNextTurn()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner());
        SchedulerHarness.Answer first = harness.Add(Prompt(1, 9), 12);
        harness.RunToEnd();
        int[] next = [.. Prompt(1, 9), .. first.Tokens, 5, 5, 5];
        SchedulerHarness.Answer second = harness.Add(next, 4);

        harness.RunToEnd();

        // The last generated token was never computed.
        Assert.Equal(9 + 11, second.End().Usage.CachedTokens);
        Assert.Equal(FakeModelRunner.GreedyAnswer(next, 4, end: null), second.Tokens);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void Step_SteadyDecoding_AllocatesNothing(int speculate)
    {
        using var harness = new SchedulerHarness(
            new ConstantRunner(blockCount: 8000, maxBatchTokens: 512, token: 'a'), new SchedulingOptions { SpeculativeTokens = speculate });
        SchedulerHarness.Answer[] answers = [.. Enumerable.Range(0, 16).Select(i => harness.Add(
            new GenerationRequest { PromptTokens = Prompt(i, 20), MaxTokens = 8000, Stop = ["aab", "b"], IgnoreEndOfSequence = true }))];

        // Buffers double as they grow; between two doublings of the token buffer there is nothing left to allocate.
        while (answers[0].Sequence.TokenCount < 2400)
        {
            StepAndRead(harness, answers);
        }

        long allocated = 0;
        int steps = 0;
        while (answers[0].Sequence.TokenCount < 4000)
        {
            allocated += StepAndRead(harness, answers);
            steps++;
        }

        Assert.Equal(0, allocated);
        Assert.InRange(steps, speculate == 0 ? 1600 : 94, 1600);
    }

    /// <returns>Bytes allocated by the step, not by the reading.</returns>
    private static long StepAndRead(SchedulerHarness harness, SchedulerHarness.Answer[] answers)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        harness.Scheduler.Step();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        foreach (SchedulerHarness.Answer answer in answers)
        {
            while (answer.Events.TryRead(out _))
            {
            }
        }

        return allocated;
    }

    internal static int[] Prompt(int seed, int length) => [.. Enumerable.Range(0, length).Select(i => ((seed * 37) + (i * 11)) % 200)];
}
