using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>Sequences that outgrow the pool because old tokens are read no more.</summary>
public sealed class ContextSlideTests
{
    private static readonly KvRetention Retention = new(4, 16);

    [Fact]
    public void Step_AnswerLongerThanThePool_GoesOnAndStaysRight()
    {
        using var harness = new SchedulerHarness(CreateRunner(blocks: 22));
        int[] prompt = SchedulerTests.Prompt(1, 30);
        SchedulerHarness.Answer answer = harness.Add(prompt, 500);
        harness.RunToEnd();
        Assert.Equal(FinishReason.Length, answer.End().Reason);
        Assert.Equal(Truth(prompt, 500), answer.Tokens);
        Assert.Equal((0, 0L), (harness.Scheduler.Counts.BlocksLeased, harness.Scheduler.Counts.Preemptions));
    }

    [Fact]
    public void Step_PromptLongerThanTheWindow_IsFoundAgainUntilItsRoomIsNeeded()
    {
        using var harness = new SchedulerHarness(CreateRunner(blocks: 60));
        int[] prompt = SchedulerTests.Prompt(1, 60);
        harness.Add(prompt, 2);
        harness.RunToEnd();
        SchedulerHarness.Answer again = harness.Add(prompt, 300);
        harness.RunToEnd();
        Assert.Equal(59, again.End().Usage.CachedTokens);
        Assert.Equal(Truth(prompt, 300), again.Tokens);
    }

    [Theory]
    [InlineData(1, 24)]
    [InlineData(2, 40)]
    [InlineData(3, 30)]
    public void Step_RandomRequests_EachAnswerIsTheOneItWouldBeAlone(int seed, int blocks)
    {
        var random = new Random(seed);
        FakeModelRunner runner = CreateRunner(blocks);
        runner.BeforeCopy = () => _ = random.Next(30) == 0 ? throw new InvalidOperationException("no copy") : 0;
        using var harness = new SchedulerHarness(runner, new SchedulingOptions { MaxRunning = 1 + random.Next(5) });
        var requests = new List<(SchedulerHarness.Answer Answer, int[] Prompt, int Tokens)>();
        for (int step = 0; step < 3000; step++)
        {
            if (random.Next(20) == 0 && harness.Queued < 6)
            {
                int shared = random.Next(0, 40), tokens = random.Next(1, 200);
                int[] prompt = [.. SchedulerTests.Prompt(random.Next(2), shared), .. SchedulerTests.Prompt(2 + random.Next(50), 1 + random.Next(30))];
                requests.Add((harness.Add(prompt, tokens), prompt, tokens));
            }

            harness.Step();
        }

        harness.RunToEnd();
        Assert.True(requests.Count > 20, $"{requests.Count}");
        Assert.All(requests, request => Assert.Null(request.Answer.End().Error));
        Assert.All(requests, request => Assert.Equal(Truth(request.Prompt, request.Tokens), request.Answer.Tokens));
        Assert.Equal(0, harness.Scheduler.Counts.BlocksLeased);
        Assert.True(harness.Scheduler.Counts.HitTokens > 0);
    }

    [Fact]
    public void Step_VariantsOfKv_AreNotShared()
    {
        FakeModelRunner runner = CreateRunner(blocks: 60);
        (runner.Retention, runner.VariantLength) = (default, 100);
        using var harness = new SchedulerHarness(runner);
        int[] prompt = SchedulerTests.Prompt(1, 40);
        int[] cached = [.. new[] { 5, 100, 70, 8 }.Select(tokens =>
        {
            SchedulerHarness.Answer answer = harness.Add(prompt, tokens);
            harness.RunToEnd();
            Assert.Equal(FakeModelRunner.GreedyAnswer(prompt, tokens, end: null), answer.Tokens);
            return answer.End().Usage.CachedTokens;
        })];
        Assert.Equal([0, 0, 39, 39], cached);
    }

    [Theory]
    [InlineData(true, true, 400, null)]
    [InlineData(false, true, 400, RefusalReason.ContextLength)]
    [InlineData(true, false, 400, RefusalReason.PoolSize)]
    [InlineData(false, true, 100, null)]
    public void Check_LongAnswer_IsAllowedWhereOldTokensAreForgotten(bool outgrowsContext, bool outgrowsPool, int tokens, RefusalReason? refused)
    {
        var request = new GenerationRequest { PromptTokens = SchedulerTests.Prompt(1, 20), MaxTokens = tokens };
        int Check() => RequestCheck.Check(request, new ByteVocabulary(), 200, 160, outgrowsContext, outgrowsPool);
        if (refused is { } reason)
        {
            Assert.Equal(reason, Assert.Throws<RequestRefusedException>(() => Check()).Reason);
        }
        else
        {
            Assert.Equal(tokens, Check());
        }
    }

    [Theory]
    [InlineData(true, true, 400)]
    [InlineData(false, true, 180)]
    [InlineData(true, false, 140)]
    [InlineData(false, false, 140)]
    public void Check_CappedAnswer_TakesTheRoomThereIs(bool outgrowsContext, bool outgrowsPool, int expected)
    {
        var request = new GenerationRequest { PromptTokens = SchedulerTests.Prompt(1, 20), MaxTokens = 400, CapsMaxTokens = true };
        Assert.Equal(expected, RequestCheck.Check(request, new ByteVocabulary(), 200, 160, outgrowsContext, outgrowsPool));
        Assert.Equal(9, RequestCheck.Check(request with { MaxTokens = 9 }, new ByteVocabulary(), 200, 160, outgrowsContext, outgrowsPool));
    }

    private static FakeModelRunner CreateRunner(int blocks) => new(blocks, blockSize: 4, maxBatchTokens: 16) { Retention = Retention };

    private static int[] Truth(int[] prompt, int tokens) => FakeModelRunner.GreedyAnswer(prompt, tokens, end: null, retention: Retention);
}
