using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>
/// Thousands of steps with requests that share prefixes, come and go, in pools that are too small: every answer has to be
/// the one the model gives alone, every request has to end exactly once, the accounting has to hold after every step.
/// </summary>
public sealed class SchedulerRandomTests
{
    [Theory]
    [InlineData(1, 12, 4, 8)]
    [InlineData(2, 20, 4, 16)]
    [InlineData(3, 40, 2, 5)]
    [InlineData(4, 9, 8, 32)]
    [InlineData(5, 200, 4, 64)]
    public void Steps_RandomRequests_EachAnswerIsTheOneItWouldBeAlone(int seed, int blocks, int blockSize, int budget)
    {
        var random = new Random(seed);
        var runner = new FakeModelRunner(blocks, blockSize, contextLength: 500, maxBatchTokens: budget);
        using var harness = new SchedulerHarness(runner, new SchedulingOptions { MaxRunning = 1 + random.Next(8), MaxPrefillTokensBesideDecodes = 1 + random.Next(budget) });
        var requests = new List<(SchedulerHarness.Answer Answer, int[] Prompt, int Tokens, CancellationTokenSource Cancel)>();
        for (int step = 0; step < 2000; step++)
        {
            if (random.Next(4) == 0 && harness.Queued < 12)
            {
                requests.Add(Submit(random, harness, blocks * blockSize));
            }

            if (random.Next(25) == 0 && requests.Count > 0)
            {
                requests[random.Next(requests.Count)].Cancel.Cancel();
            }

            harness.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
            harness.Step();
        }

        harness.RunToEnd();
        Assert.True(requests.Count > 100);
        Assert.All(requests, request => Verify(request.Answer, request.Prompt, request.Tokens, request.Cancel));
        Assert.Equal((0, 0, 0), (harness.Scheduler.Counts.BlocksLeased, harness.Scheduler.Counts.Running, harness.Queued));
        Assert.True(harness.Scheduler.Counts.HitTokens > 0);
    }

    private static (SchedulerHarness.Answer, int[], int, CancellationTokenSource) Submit(Random random, SchedulerHarness harness, int poolTokens)
    {
        int length = random.Next(1, Math.Min(60, poolTokens - 12));
        int shared = random.Next(0, length + 1);
        int[] prompt = [.. SchedulerTests.Prompt(random.Next(2), shared), .. SchedulerTests.Prompt(2 + random.Next(50), length - shared)];
        int tokens = random.Next(1, Math.Min(40, poolTokens - length + 1));
        var cancel = new CancellationTokenSource();
        string salt = random.Next(5) == 0 ? "other" : "";
        return (harness.Add(prompt, tokens, salt, cancel, ignoreEnd: false), prompt, tokens, cancel);
    }

    private static void Verify(SchedulerHarness.Answer answer, int[] prompt, int tokens, CancellationTokenSource cancel)
    {
        GenerationEvent.Finished end = answer.End();
        int[] truth = FakeModelRunner.GreedyAnswer(prompt, tokens);
        if (end.Reason == FinishReason.Cancelled)
        {
            Assert.True(cancel.IsCancellationRequested);
            Assert.Equal(truth[..answer.Tokens.Length], answer.Tokens);
        }
        else
        {
            Assert.Equal(truth, answer.Tokens);
            Assert.Equal(truth[^1] == ByteVocabulary.EndOfTurn ? FinishReason.Stop : FinishReason.Length, end.Reason);
        }

        Assert.InRange(end.Usage.CachedTokens, 0, prompt.Length - 1);
        cancel.Dispose();
    }
}
