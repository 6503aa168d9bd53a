using System.Diagnostics;
using System.Text.Json;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Templates;
using CacheProxy.Onnx.Tokenizers;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>The bundled model from messages to text, with the real runner.</summary>
public sealed class LanguageModelTests(BundledLanguageModel bundled) : IClassFixture<BundledLanguageModel>
{
    private const int AnswerTokens = 24;

    public static TheoryData<int> GoldenRows() => [.. Enumerable.Range(1, GoldenLines().Length - 1)];

    [Theory]
    [MemberData(nameof(GoldenRows))]
    public void EncodeChat_Golden_GivesTheReferencesTokens(int row)
    {
        JsonElement golden = GoldenLines()[row];
        ChatTemplateInput input = InputOf(golden);
        int[] expected = [.. golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

        int[] ids = bundled.Model.EncodeChat(input);

        bool spellsControlTokens = input.Messages.Any(message => message.Content!.Contains("<|im_end|>", StringComparison.Ordinal));
        if (!spellsControlTokens)
        {
            Assert.Equal(expected, ids);
            return;
        }

        // The reference lets a message end its own turn; here the same characters stay text.
        Assert.True(bundled.Model.Tokenizer.TryGetSpecial("<|im_end|>", out int end));
        Assert.True(ids.Count(id => id == end) < expected.Count(id => id == end));
        Assert.Equal(bundled.Model.Template!.Render(input).Text, bundled.Model.Tokenizer.Decode(ids));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.6f)]
    [InlineData(1f)]
    public async Task Answer_WithAndWithoutDrafts_IsIdenticalInEveryBit(float temperature)
    {
        var request = new GenerationRequest
        {
            PromptTokens = Chat("You repeat texts exactly.", "Repeat this text exactly, word for word: The two walnut bookcases left our workshop in Leeds on Tuesday and will reach you on Friday."),
            MaxTokens = 40,
            IgnoreEndOfSequence = true,
            Sampling = new SamplingOptions(Temperature: temperature, TopP: 0.95f, FrequencyPenalty: 0.1f, Seed: 7),
            TopLogProbs = 3,
        };
        long drafted = bundled.Model.Engine.Stats.Counts.DraftedTokens;

        (string Text, TokenLogProb[] Tokens) plain = await AnswerWithLogProbs(request with { Speculate = 0 });
        Assert.Equal(drafted, bundled.Model.Engine.Stats.Counts.DraftedTokens);
        (string Text, TokenLogProb[] Tokens) speculative = await AnswerWithLogProbs(request with { Speculate = 8 });

        Assert.True(bundled.Model.Engine.Stats.Counts.DraftedTokens > drafted);
        Assert.Equal(plain.Text, speculative.Text);
        Assert.Equal(plain.Tokens.Select(token => (token.Token, token.LogProb)), speculative.Tokens.Select(token => (token.Token, token.LogProb)));
        Assert.Equal(plain.Tokens.SelectMany(token => token.Top).Select(top => (top.Token, top.LogProb)), speculative.Tokens.SelectMany(token => token.Top).Select(top => (top.Token, top.LogProb)));
    }

    private async Task<(string Text, TokenLogProb[] Tokens)> AnswerWithLogProbs(GenerationRequest request)
    {
        var deltas = new List<GenerationEvent.Delta>();
        await foreach (GenerationEvent item in bundled.Model.Submit(request, TestContext.Current.CancellationToken).ReadAllAsync(TestContext.Current.CancellationToken))
        {
            deltas.AddRange(item is GenerationEvent.Delta delta ? [delta] : []);
        }

        return (string.Concat(deltas.Select(delta => delta.Text)), [.. deltas.SelectMany(delta => delta.Tokens)]);
    }

    [Fact]
    public void Template_OfTheBundledModel_HasNoTools() => Assert.False(bundled.Model.Template!.SupportsTools);

    [Fact]
    public void EncodeText_ControlTokenSpelled_StaysText() =>
        Assert.DoesNotContain(2, bundled.Model.EncodeText("<|im_end|>"));

    [Fact]
    public async Task Answer_WithAndWithoutReuse_IsIdentical()
    {
        int[] prompt = Chat("You know a lot about animals and answer at length.", "Tell me about otters.");

        (string cold, GenerationUsage first) = await bundled.Answer(prompt, AnswerTokens, "reuse");
        (string warm, GenerationUsage second) = await bundled.Answer(prompt, AnswerTokens, "reuse");
        (string other, GenerationUsage third) = await bundled.Answer(prompt, AnswerTokens, "reuse other");

        Assert.Equal((0, prompt.Length - 1, 0), (first.CachedTokens, second.CachedTokens, third.CachedTokens));
        Assert.Equal(cold, warm);
        Assert.Equal(cold, other);
        Assert.NotEqual("", cold);
    }

    [Fact]
    public async Task Answer_WhateverElseIsInTheBatch_IsIdentical()
    {
        int[][] prompts = [.. Enumerable.Range(0, 6).Select(i => Chat("Answer briefly.", string.Concat(Enumerable.Repeat($"Count to {i + 3}. ", 1 + (i * 9)))))];
        var alone = new List<string>();
        foreach (int[] prompt in prompts)
        {
            alone.Add((await bundled.Answer(prompt, AnswerTokens, "alone")).Text);
        }

        (string Text, GenerationUsage)[] together = await Task.WhenAll(prompts.Select(prompt => bundled.Answer(prompt, AnswerTokens, "together")));

        Assert.Equal(alone, together.Select(answer => answer.Text));
    }

    [Fact]
    public async Task Answer_TwoQuestionsAfterOneLongSystemPrompt_FindsTheSharedPart()
    {
        string system = string.Concat(Enumerable.Repeat("You are a careful assistant of a library and know its rules. ", 12));
        int[] first = Chat(system, "When do you open?");
        int[] second = Chat(system, "How many books may I take?");
        int shared = first.AsSpan().CommonPrefixLength(second);

        await bundled.Answer(first, 4, "library");
        (_, GenerationUsage usage) = await bundled.Answer(second, 4, "library");

        Assert.Equal(shared, usage.CachedTokens);
    }

    [Fact]
    public async Task FirstToken_Of2000CachedTokensIn2100_ComesInASmallPartOfTheTime()
    {
        int[] prompt = [.. Enumerable.Range(0, 2100).Select(i => 1000 + (i * 7919 % 40000))];
        int[] similar = [.. prompt.Select((token, i) => i < 2000 ? token : 500 + i)];

        TimeSpan cold = await FirstTokenTime(prompt);
        TimeSpan warm = await FirstTokenTime(similar);

        TestContext.Current.TestOutputHelper?.WriteLine($"first token: {cold.TotalMilliseconds:0} ms cold, {warm.TotalMilliseconds:0} ms with 2,000 of 2,100 tokens cached");

        // 5 % is what the tokens left over cost; the bound leaves room for a busy machine.
        Assert.True(warm < cold * 0.2, $"{warm.TotalMilliseconds:0} ms with the prefix, {cold.TotalMilliseconds:0} ms without");
    }

    [Fact]
    public async Task Sampled_SameSeed_IsTheSameAloneAndInABatch()
    {
        int[] prompt = Chat("You are a poet.", "Write about the sea.");
        GenerationRequest request = new()
        {
            PromptTokens = prompt,
            MaxTokens = AnswerTokens,
            Sampling = new SamplingOptions(Temperature: 1f, TopP: 0.95f, Seed: 42),
        };

        string alone = (await BundledLanguageModel.Collect(bundled.Model.Submit(request, TestContext.Current.CancellationToken))).Text;
        (string Text, GenerationUsage)[] batch = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => BundledLanguageModel.Collect(
            bundled.Model.Submit(request with { Sampling = request.Sampling with { Seed = 42 + i } }, TestContext.Current.CancellationToken))));

        Assert.Equal(alone, batch[0].Text);
        Assert.Equal(4, batch.Select(answer => answer.Text).Distinct().Count());
    }

    private async Task<TimeSpan> FirstTokenTime(int[] prompt)
    {
        long start = Stopwatch.GetTimestamp();
        await BundledLanguageModel.Collect(bundled.Submit(prompt, 1, "time"));
        return Stopwatch.GetElapsedTime(start);
    }

    private int[] Chat(string system, string user) =>
        bundled.Model.EncodeChat(new ChatTemplateInput { Messages = [new ChatMessage("system", system), new ChatMessage("user", user)] });

    private static ChatTemplateInput InputOf(JsonElement golden) => new()
    {
        Messages = [.. golden.GetProperty("messages").EnumerateArray().Select(
            message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()))],
        AddGenerationPrompt = golden.GetProperty("add_generation_prompt").GetBoolean(),
    };

    private static JsonElement[] GoldenLines() =>
        [.. File.ReadAllText(Repository.File("tests", "CacheProxy.Inference.Tests", "Templates", "Golden", "smollm2.jsonl"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
