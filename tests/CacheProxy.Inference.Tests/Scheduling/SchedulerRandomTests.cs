using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>
/// Thousands of steps with requests that share prefixes, come and go, expire, and meet failing steps, in pools that are too
/// small, with guesses ahead: every answer has to be the one the model gives alone, or its beginning, every request has to end
/// exactly once, the accounting has to hold after every step.
/// </summary>
public sealed class SchedulerRandomTests
{
    [Theory]
    [InlineData(1, 12, 4, 8)]
    [InlineData(2, 20, 4, 16)]
    [InlineData(3, 40, 2, 5)]
    [InlineData(4, 9, 8, 32)]
    [InlineData(5, 200, 4, 64)]
    [InlineData(6, 60, 4, 48)]
    public void Steps_RandomRequests_EachAnswerIsTheOneItWouldBeAlone(int seed, int blocks, int blockSize, int budget)
    {
        var random = new Random(seed);
        bool isFailing = false;
        // Half of the texts copy what stood some tokens before, so that guesses are right, wrong and cut off.
        var runner = new FakeModelRunner(blocks, blockSize, contextLength: 500, maxBatchTokens: budget)
        {
            Shape = Copy,
            BeforeRun = _ => { if (isFailing) { throw new InvalidOperationException("device lost"); } },
        };
        using var harness = new SchedulerHarness(
            runner,
            new SchedulingOptions
            {
                MaxRunning = 1 + random.Next(8),
                MaxPrefillTokensBesideDecodes = 1 + random.Next(budget),
                PriorityPatience = TimeSpan.FromSeconds(random.Next(40)),
            });
        var requests = new List<Submitted>();
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

            isFailing = random.Next(100) == 0;
            harness.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
            harness.Step();
        }

        isFailing = false;
        harness.RunToEnd();
        var alone = new FakeModelRunner(blockCount: 200, contextLength: 500, maxBatchTokens: 64) { Shape = Copy };
        FinishReason[] reasons = [.. requests.Select(request => Verify(alone, request))];
        Assert.True(requests.Count > 100);
        Assert.All(Enum.GetValues<FinishReason>(), reason => Assert.Contains(reason, reasons));
        SchedulerCounts counts = harness.Scheduler.Counts;
        Assert.Equal((0, 0, 0, 0), (counts.BlocksLeased, counts.Running, counts.Waiting, harness.Queued));
        Assert.Equal(blocks, counts.BlocksFree + counts.BlocksCached);
        Assert.True(counts.HitTokens > 0);
        Assert.True(counts.AcceptedTokens > 0);
    }

    private static void Copy(ReadOnlySpan<int> tokens, Span<float> logits)
    {
        if (tokens.Length > 8 && tokens[0] % 2 == 0 && tokens.Length % 13 != 0)
        {
            logits[tokens[^6]] += 100;
        }
    }

    private static Submitted Submit(Random random, SchedulerHarness harness, int poolTokens)
    {
        int length = random.Next(1, Math.Min(60, poolTokens - 12));
        int shared = random.Next(0, length + 1);
        int tokens = random.Next(1, Math.Min(40, poolTokens - length + 1));
        var request = new GenerationRequest
        {
            PromptTokens = [.. SchedulerTests.Prompt(random.Next(2), shared), .. SchedulerTests.Prompt(2 + random.Next(50), length - shared)],
            MaxTokens = tokens,
            Salt = random.Next(5) == 0 ? "other" : "",
            Tenant = $"tenant {random.Next(3)}",
            Priority = random.Next(-1, 3),
            Deadline = random.Next(4) == 0 ? harness.Clock.GetUtcNow().AddMilliseconds(random.Next(10_000)) : null,
            Speculate = random.Next(3) == 0 ? random.Next(5) : null,
        };
        var cancel = new CancellationTokenSource();
        return new Submitted(harness.Add(request, cancel), request, cancel);
    }

    private static FinishReason Verify(FakeModelRunner alone, Submitted submitted)
    {
        GenerationEvent.Finished end = submitted.Answer.End();
        int[] tokens = submitted.Answer.Tokens;
        using var harness = new SchedulerHarness(alone);
        SchedulerHarness.Answer truth = harness.Add(submitted.Request with { Speculate = 0, Deadline = null, Salt = Guid.NewGuid().ToString() });
        harness.RunToEnd();
        if (end.Reason is FinishReason.Stop or FinishReason.Length)
        {
            Assert.Equal(truth.Tokens, tokens);
            Assert.Equal(truth.End().Reason, end.Reason);
        }
        else
        {
            Assert.Equal(truth.Tokens[..tokens.Length], tokens);
            Assert.True(end.Reason != FinishReason.Cancelled || submitted.Cancel.IsCancellationRequested);
            Assert.True(end.Reason != FinishReason.TimedOut || submitted.Request.Deadline is not null);
        }

        Assert.InRange(end.Usage.CachedTokens, 0, submitted.Request.PromptTokens.Length - 1);
        submitted.Cancel.Dispose();
        return end.Reason;
    }

    private sealed record Submitted(SchedulerHarness.Answer Answer, GenerationRequest Request, CancellationTokenSource Cancel);
}
