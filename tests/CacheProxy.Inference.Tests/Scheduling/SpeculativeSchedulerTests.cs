using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>Guessing ahead must change nothing but the number of steps.</summary>
public sealed class SpeculativeSchedulerTests
{
    [Fact]
    public void Step_RepeatingText_TakesFarFewerStepsForTheSameTokens()
    {
        (int[] plain, SchedulerCounts slow) = Answer(Copying(period: 9), Request() with { Speculate = 0 });

        (int[] drafted, SchedulerCounts fast) = Answer(Copying(period: 9), Request());

        Assert.Equal(plain, drafted);
        Assert.Equal(0, slow.DraftedTokens);
        Assert.InRange(fast.Steps, 1, slow.Steps / 3);
        Assert.InRange(fast.AcceptedTokens, slow.Steps - fast.Steps, fast.DraftedTokens);
    }

    [Fact]
    public void Step_TextThatDoesNotRepeat_IsNotGuessed()
    {
        (int[] plain, _) = Answer(new FakeModelRunner(), Request() with { Speculate = 0 });

        (int[] drafted, SchedulerCounts counts) = Answer(new FakeModelRunner(), Request());

        Assert.Equal(plain, drafted);
        Assert.InRange(counts.DraftedTokens, 0, 5);
    }

    [Theory]
    [InlineData(0f, 0f, 1f)]
    [InlineData(0.7f, 0f, 1f)]
    [InlineData(1f, 0f, 0.9f)]
    [InlineData(1f, 0.8f, 1f)]
    public void Step_AnySampling_DrawsTheSameTokens(float temperature, float penalty, float topP)
    {
        var sampling = new SamplingOptions(Temperature: temperature, FrequencyPenalty: penalty, TopP: topP, Seed: 42);
        (int[] plain, _) = Answer(Copying(period: 7, strength: 9), Request() with { Sampling = sampling, Speculate = 0 });

        (int[] drafted, SchedulerCounts counts) = Answer(Copying(period: 7, strength: 9), Request() with { Sampling = sampling });

        Assert.Equal(plain, drafted);
        Assert.True(counts.DraftedTokens > 0);
    }

    [Fact]
    public void Step_StopTextInsideADraft_EndsThere()
    {
        string[] stops = ["cde"];
        var runner = new FakeModelRunner { Shape = (tokens, logits) => Prefer(logits, "abcdefgh"[(tokens.Length - 16) % 8]) };
        using var harness = new SchedulerHarness(runner);
        int[] prompt = ByteVocabulary.Encode("abcdefghabcdefgh");

        SchedulerHarness.Answer answer = harness.Add(new GenerationRequest { PromptTokens = prompt, MaxTokens = 50, Stop = stops });
        harness.RunToEnd();

        Assert.Equal((FinishReason.Stop, 5), (answer.End().Reason, answer.Tokens.Length));
        Assert.True(harness.Scheduler.Counts.AcceptedTokens > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    public void Step_MaxTokens_IsNeverPassed(int maxTokens)
    {
        var runner = Copying(period: 5);
        using var harness = new SchedulerHarness(runner);

        SchedulerHarness.Answer answer = harness.Add(Request() with { MaxTokens = maxTokens });
        harness.RunToEnd();

        Assert.Equal((FinishReason.Length, maxTokens), (answer.End().Reason, answer.Tokens.Length));
    }

    [Fact]
    public void Step_RejectedGuesses_AreNeverPublished()
    {
        // The text runs along with what stood before, then leaves it: drafts reach past the point where they are wrong.
        var runner = new FakeModelRunner(blockSize: 4) { Shape = (tokens, logits) => Prefer(logits, tokens.Length % 23 == 0 ? tokens.Length % 200 : tokens[^11]) };
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer first = harness.Add(Request());
        harness.RunToEnd();
        Assert.True(harness.Scheduler.Counts.DraftedTokens > harness.Scheduler.Counts.AcceptedTokens);
        int[] next = [.. Request().PromptTokens, .. first.Tokens, 5, 6, 7];

        SchedulerHarness.Answer second = harness.Add(new GenerationRequest { PromptTokens = next, MaxTokens = 10, IgnoreEndOfSequence = true });
        harness.RunToEnd();

        // A wrong token in the tree would fail in the runner, which checks each position, or change this answer.
        Assert.InRange(second.End().Usage.CachedTokens, next.Length - 5, next.Length - 3);
        using var alone = new SchedulerHarness(new FakeModelRunner { Shape = runner.Shape });
        SchedulerHarness.Answer truth = alone.Add(new GenerationRequest { PromptTokens = next, MaxTokens = 10, IgnoreEndOfSequence = true, Speculate = 0 });
        alone.RunToEnd();
        Assert.Equal(truth.Tokens, second.Tokens);
    }

    [Fact]
    public void Step_PoolAlmostFull_GuessesPreemptNobody()
    {
        (int Blocks, long Preemptions) With(int speculate)
        {
            using var harness = new SchedulerHarness(Copying(period: 6, blocks: 60));
            for (int i = 0; i < 3; i++)
            {
                harness.Add(new GenerationRequest { PromptTokens = SchedulerTests.Prompt(i, 20), MaxTokens = 55, IgnoreEndOfSequence = true, Speculate = speculate });
            }

            harness.RunToEnd();
            return (harness.Scheduler.Counts.BlocksLeased, harness.Scheduler.Counts.Preemptions);
        }

        // 3 x 75 tokens in 240: all fit, but not with three drafts beside them.
        Assert.Equal((0, 0), With(0));
        Assert.Equal((0, 0), With(16));
    }

    internal static FakeModelRunner Copying(int period, float strength = 100, int blocks = 64) => new(blockCount: blocks)
    {
        Shape = (tokens, logits) =>
        {
            if (tokens.Length > period)
            {
                logits[tokens[^period]] += strength;
            }
        },
    };

    private static void Prefer(Span<float> logits, int token) => logits[token] += 100;

    private static GenerationRequest Request() =>
        new() { PromptTokens = SchedulerTests.Prompt(3, 30), MaxTokens = 100, IgnoreEndOfSequence = true };

    private static (int[] Tokens, SchedulerCounts Counts) Answer(FakeModelRunner runner, GenerationRequest request)
    {
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer answer = harness.Add(request);
        harness.RunToEnd();
        return (answer.Tokens, harness.Scheduler.Counts);
    }
}
