using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>Who starts when more want to than can: priority, then the tenants' shares, then arrival, and nobody waits for ever.</summary>
public sealed class FairnessTests
{
    private static readonly SchedulingOptions OneAtATime = new() { MaxRunning = 1 };

    [Fact]
    public void Step_LowerPriorityNumber_StartsFirst()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(), OneAtATime);
        SchedulerHarness.Answer[] answers = [.. new[] { 0, 5, -3, 5, 0 }.Select((priority, i) => harness.Add(Request(i) with { Priority = priority }))];

        Assert.Equal([2, 0, 4, 1, 3], OrderOfStart(harness, answers));
    }

    [Fact]
    public void Step_TenantThatFloods_DelaysItselfAlone()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(), OneAtATime);
        var answers = Enumerable.Range(0, 20).Select(i => harness.Add(Request(i) with { Tenant = "flood" })).ToList();
        harness.Step();
        answers.AddRange(Enumerable.Range(20, 3).Select(i => harness.Add(Request(i) with { Tenant = "quiet" })));

        int[] order = OrderOfStart(harness, answers);

        // One of each in turn: the quiet tenant's third request starts as the sixth, not as the 23rd.
        Assert.All(Enumerable.Range(20, 3), quiet => Assert.InRange(Array.IndexOf(order, quiet), 1, 6));
        Assert.Equal(order.Where(i => i < 20), Enumerable.Range(0, 20));
    }

    [Theory]
    [InlineData(60, 4, 8, 30)]
    [InlineData(10, 10, 40, 40)]
    public void Step_TenantsWithOtherSizes_GetEqualTokens(int promptA, int answerA, int promptB, int answerB)
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 400), new SchedulingOptions { MaxRunning = 3 });
        int seed = 0;
        double a = 0, b = 0;
        var open = new List<(SchedulerHarness.Answer Answer, bool IsA)>();
        for (int step = 0; step < 1500; step++)
        {
            while (open.Count(item => item.IsA && item.Answer.Sequence.Lease is null) < 4)
            {
                open.Add((harness.Add(Request(seed++, promptA, answerA) with { Tenant = "a" }), true));
            }

            while (open.Count(item => !item.IsA && item.Answer.Sequence.Lease is null) < 4)
            {
                open.Add((harness.Add(Request(seed++, promptB, answerB) with { Tenant = "b" }), false));
            }

            harness.Step();
            foreach ((SchedulerHarness.Answer answer, bool isA) in open.Where(item => item.Answer.Sequence.Output.IsFinished).ToList())
            {
                GenerationUsage usage = answer.End().Usage;
                double served = usage.PromptTokens - usage.CachedTokens + (2 * usage.CompletionTokens);
                (a, b) = isA ? (a + served, b) : (a, b + served);
                open.Remove((answer, isA));
            }
        }

        Assert.InRange(a / b, 0.9, 1.1);
    }

    [Fact]
    public void Step_TenantThatWasIdle_HasSavedUpNothing()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(), OneAtATime);
        harness.Add(Request(0) with { Tenant = "idle" });
        harness.RunToEnd();
        var answers = Enumerable.Range(1, 30).Select(i => harness.Add(Request(i) with { Tenant = "busy" })).ToList();
        for (int i = 0; i < 75; i++)
        {
            harness.Step();
        }

        int started = answers.Count(answer => answer.Sequence.HasStarted);
        answers = [.. answers.Where(answer => !answer.Sequence.HasStarted)];
        Assert.InRange(started, 5, 25);
        answers.AddRange(Enumerable.Range(31, 10).Select(i => harness.Add(Request(i) with { Tenant = "idle" })));

        int[] order = OrderOfStart(harness, answers);
        int[] firstTen = order[..10];
        Assert.InRange(firstTen.Count(i => answers[i].Sequence.Tenant == "idle"), 4, 6);
    }

    [Fact]
    public void Step_UrgentRequestsKeepComing_TheOthersStartAfterThePatience()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 400), OneAtATime with { PriorityPatience = TimeSpan.FromSeconds(10) });
        harness.Add(Request(0) with { Priority = -1 });
        SchedulerHarness.Answer patient = harness.Add(Request(1) with { Priority = 100 });
        TimeSpan waited = TimeSpan.Zero;
        for (int i = 2; !patient.Sequence.HasStarted; i++)
        {
            Assert.True(waited < TimeSpan.FromSeconds(12), "it starves");
            harness.Add(Request(i) with { Priority = -1 });
            for (int step = 0; step < 4; step++)
            {
                harness.Step();
                harness.Clock.Advance(TimeSpan.FromSeconds(0.1));
                waited += TimeSpan.FromSeconds(0.1);
            }
        }

        Assert.InRange(waited, TimeSpan.FromSeconds(9.9), TimeSpan.FromSeconds(12));
        harness.RunToEnd();
    }

    [Fact]
    public void Step_FloodHasWaitedLong_AnotherTenantStillGetsItsShare()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(), OneAtATime with { PriorityPatience = TimeSpan.FromSeconds(1) });
        var answers = Enumerable.Range(0, 20).Select(i => harness.Add(Request(i) with { Tenant = "flood" })).ToList();
        harness.Step();
        harness.Clock.Advance(TimeSpan.FromSeconds(100));
        answers.Add(harness.Add(Request(20) with { Tenant = "quiet" }));

        Assert.InRange(Array.IndexOf(OrderOfStart(harness, answers), 20), 1, 2);
    }

    [Fact]
    public void Step_PoolTooSmall_TheLeastUrgentIsPreempted()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 20, blockSize: 4));
        SchedulerHarness.Answer background = harness.Add(Request(0, 6, 40) with { Priority = 9 });
        SchedulerHarness.Answer[] urgent = [.. Enumerable.Range(1, 2).Select(i => harness.Add(Request(i, 6, 30)))];

        while (urgent.Any(answer => !answer.Sequence.Output.IsFinished))
        {
            harness.Step();
            Assert.All(urgent, answer => Assert.True(answer.Sequence.Lease is not null || answer.Sequence.Output.IsFinished || !answer.Sequence.HasStarted));
        }

        harness.RunToEnd();
        Assert.True(harness.Scheduler.Counts.Preemptions > 0);
        Assert.Equal(FakeModelRunner.GreedyAnswer(SchedulerTests.Prompt(0, 6), 40, end: null), background.Tokens);
    }

    [Fact]
    public void Step_Preempted_ComesBackBeforeNewcomersOfItsPriority()
    {
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 14, blockSize: 4));
        SchedulerHarness.Answer[] started = [.. Enumerable.Range(0, 2).Select(i => harness.Add(Request(i, 8, 40) with { Tenant = "a" }))];
        while (harness.Scheduler.Counts.Preemptions == 0)
        {
            harness.Step();
        }

        SchedulerHarness.Answer newcomer = harness.Add(Request(7) with { Tenant = "b" });
        while (!newcomer.Sequence.HasStarted)
        {
            Assert.True(harness.Scheduler.HasWork);
            harness.Step();
        }

        Assert.All(started, answer => Assert.True(answer.Sequence.Lease is not null || answer.Sequence.Output.IsFinished));
        harness.RunToEnd();
    }

    [Fact]
    public void Step_ManyTenants_AreForgottenWhenTheyAreLevel()
    {
        var shares = new TenantShares();
        for (int i = 0; i < 5000; i++)
        {
            TenantShare share = shares.Arrive($"tenant {i}");
            shares.Start(share, 100);
            shares.End(share, wasWaiting: false);
        }

        Assert.InRange(shares.Count, 1, 1024);
    }

    /// <summary>Indices of the answers in the order in which they get blocks.</summary>
    private static int[] OrderOfStart(SchedulerHarness harness, IReadOnlyList<SchedulerHarness.Answer> answers)
    {
        var order = new List<int>();
        while (harness.Scheduler.HasWork)
        {
            harness.Step();
            order.AddRange(Enumerable.Range(0, answers.Count).Where(i => answers[i].Sequence.HasStarted && !order.Contains(i)));
        }

        return [.. order];
    }

    private static GenerationRequest Request(int seed, int prompt = 6, int tokens = 5) =>
        new() { PromptTokens = SchedulerTests.Prompt(seed, prompt), MaxTokens = tokens, IgnoreEndOfSequence = true };
}
