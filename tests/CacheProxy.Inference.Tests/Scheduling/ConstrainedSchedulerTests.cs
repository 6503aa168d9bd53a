using System.Text;
using System.Text.Json;
using CacheProxy.Inference.Constraints;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>A constraint sees committed tokens alone: neither drafts, taken or not, nor a preemption change what it holds an answer to.</summary>
public sealed class ConstrainedSchedulerTests
{
    // The model copies what stands this many tokens before: the document in the prompt, then its own answer.
    private const string Document = """{"city":"Reykjavik is far","days":[1,2,3,4,5,6,7,8],"note":"pack warm clothes and good boots"}""";

    private const string Schema = """
        {"type":"object","properties":{"city":{"type":"string","maxLength":9},"days":{"type":"array","items":{"type":"integer","maximum":9,"minimum":0},"maxItems":8},
          "note":{"type":"string","maxLength":40}},"required":["city","days","note"],"additionalProperties":false}
        """;

    [Theory]
    [InlineData("{\"type\":\"object\"}")]
    [InlineData(Schema)]
    public void Step_DraftsUnderAConstraint_AreTakenAndChangeNothing(string schema)
    {
        (int[] plain, SchedulerCounts slow) = Answer(schema, speculate: 0);

        (int[] drafted, SchedulerCounts fast) = Answer(schema, speculate: 16);

        Assert.Equal(plain, drafted);
        Assert.Equal(0, slow.DraftedTokens);
        Assert.InRange(fast.AcceptedTokens, 20, fast.DraftedTokens);
        Assert.True(fast.Steps < slow.Steps / 2, $"{fast.Steps} steps with drafts, {slow.Steps} without");
        using var answer = JsonDocument.Parse(TextOf(drafted));
        Assert.Equal(JsonValueKind.Object, answer.RootElement.ValueKind);
    }

    [Fact]
    public void Step_DraftThatTheConstraintForbids_IsRejectedThere()
    {
        (int[] tokens, SchedulerCounts counts) = Answer(Schema, speculate: 16);

        using var answer = JsonDocument.Parse(TextOf(tokens));
        Assert.Equal("Reykjavik", answer.RootElement.GetProperty("city").GetString());
        Assert.True(counts.DraftedTokens > counts.AcceptedTokens);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void Step_PreemptedUnderAConstraint_GoesOnWhereItWas(int speculate)
    {
        ITokenConstraint constraint = new ConstraintFactory(new ByteVocabulary()).JsonSchema(Schema);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Request(constraint, speculate) with
        {
            PromptTokens = SchedulerTests.Prompt(i, 10),
            Sampling = new SamplingOptions(Temperature: 1, Seed: i),
        })];
        using var harness = new SchedulerHarness(new FakeModelRunner(blockCount: 60));

        SchedulerHarness.Answer[] answers = [.. requests.Select(request => harness.Add(request))];
        harness.RunToEnd();

        Assert.True(harness.Scheduler.Counts.Preemptions > 0);
        for (int i = 0; i < answers.Length; i++)
        {
            using var alone = new SchedulerHarness(new FakeModelRunner());
            SchedulerHarness.Answer truth = alone.Add(requests[i]);
            alone.RunToEnd();
            Assert.Equal(truth.Tokens, answers[i].Tokens);
            Assert.Equal(FinishReason.Stop, answers[i].End().Reason);
            JsonDocument.Parse(TextOf(answers[i].Tokens)).Dispose();
        }
    }

    private static (int[] Tokens, SchedulerCounts Counts) Answer(string schema, int speculate)
    {
        int[] prompt = ByteVocabulary.Encode(Document);
        var runner = new FakeModelRunner(blockCount: 128, contextLength: 400) { Shape = (tokens, logits) => Copy(prompt, tokens, logits) };
        using var harness = new SchedulerHarness(runner);
        SchedulerHarness.Answer answer = harness.Add(Request(new ConstraintFactory(new ByteVocabulary()).JsonSchema(schema), speculate) with { PromptTokens = prompt });
        harness.RunToEnd();
        Assert.Equal(FinishReason.Stop, answer.End().Reason);
        return (answer.Tokens, harness.Scheduler.Counts);
    }

    private static GenerationRequest Request(ITokenConstraint constraint, int speculate) => new()
    {
        PromptTokens = [],
        MaxTokens = 180,
        Constraint = constraint,
        Speculate = speculate,
    };

    /// <summary>Wants what follows the last four tokens where they stand in the prompt, and the end behind it.</summary>
    private static void Copy(ReadOnlySpan<int> prompt, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        ReadOnlySpan<int> answer = tokens[prompt.Length..];
        int at = answer.Length < 4 ? answer.Length : prompt.IndexOf(answer[^4..]) + 4;
        logits[at < prompt.Length ? prompt[at] : ByteVocabulary.EndOfTurn] += 100;

        // Cut off in the middle of a text it takes up the next thing.
        logits['"'] += 50;
        logits[','] += 40;
        logits[ByteVocabulary.EndOfTurn] += 60;
    }

    private static string TextOf(int[] tokens) => Encoding.UTF8.GetString([.. tokens.Where(token => token != ByteVocabulary.EndOfTurn).Select(token => (byte)token)]);
}
