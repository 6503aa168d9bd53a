using System.Text;
using System.Threading.Channels;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using static CacheProxy.Inference.TestKit.ByteVocabulary;

namespace CacheProxy.Inference.Tests.Engine;

public sealed class InferenceEngineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_GreedyRequest_AnswersWhatTheModelSays()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());
        int[] prompt = Encode("The quick brown fox");

        (string text, GenerationEvent.Finished end) = await Collect(engine.Submit(Request(prompt, 20), Token));

        Assert.Equal(TextOf(FakeModelRunner.GreedyAnswer(prompt, 20)), text);
        Assert.Equal(new GenerationUsage(prompt.Length, 0, 20), end.Usage);
        Assert.Equal(FinishReason.Length, end.Reason);
    }

    [Fact]
    public async Task Submit_SamePromptTwice_FindsAllButTheLastTokenAndAnswersTheSame()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());
        int[] prompt = Encode("A prompt of a certain length.");

        (string cold, _) = await Collect(engine.Submit(Request(prompt, 12), Token));
        (string warm, GenerationEvent.Finished end) = await Collect(engine.Submit(Request(prompt, 12), Token));

        Assert.Equal(cold, warm);
        Assert.Equal(prompt.Length - 1, end.Usage.CachedTokens);
        Assert.Equal(prompt.Length - 1, engine.Stats.Counts.HitTokens);
    }

    [Fact]
    public async Task Submit_OtherSalt_FindsNothing()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());
        int[] prompt = Encode("A secret prompt that another tenant guesses.");

        await Collect(engine.Submit(Request(prompt, 4) with { Salt = "a" }, Token));
        (_, GenerationEvent.Finished end) = await Collect(engine.Submit(Request(prompt, 4) with { Salt = "b" }, Token));

        Assert.Equal(0, end.Usage.CachedTokens);
    }

    [Fact]
    public async Task Submit_ManyAtOnce_EachAnswersAsIfAlone()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(blockCount: 40), new ByteVocabulary());
        int[][] prompts = [.. Enumerable.Range(0, 30).Select(i => Encode($"Shared beginning, then number {i * 7919}"))];

        (string Text, GenerationEvent.Finished End)[] answers = await Task.WhenAll(
            prompts.Select(prompt => Collect(engine.Submit(Request(prompt, 16), Token))));

        for (int i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(TextOf(FakeModelRunner.GreedyAnswer(prompts[i], 16)), answers[i].Text);
        }
    }

    [Theory]
    [InlineData(190, 11, RefusalReason.ContextLength)]
    [InlineData(201, null, RefusalReason.ContextLength)]
    [InlineData(200, null, RefusalReason.ContextLength)]
    [InlineData(0, 5, RefusalReason.Invalid)]
    [InlineData(5, 0, RefusalReason.Invalid)]
    [InlineData(5, -3, RefusalReason.Invalid)]
    public async Task Submit_WhatCannotBeServed_IsRefused(int promptLength, int? maxTokens, RefusalReason reason)
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(contextLength: 200), new ByteVocabulary());

        var refusal = Assert.Throws<RequestRefusedException>(
            () => engine.Submit(Request(new int[promptLength], 1) with { MaxTokens = maxTokens }, Token));

        Assert.Equal(reason, refusal.Reason);
    }

    [Fact]
    public async Task Submit_LongerThanThePool_IsRefusedWithItsSize()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(blockCount: 10, blockSize: 4), new ByteVocabulary());

        var refusal = Assert.Throws<RequestRefusedException>(() => engine.Submit(Request(new int[30], 11), Token));

        Assert.Equal(RefusalReason.PoolSize, refusal.Reason);
        Assert.Contains("40", refusal.Message, StringComparison.Ordinal);
        await Collect(engine.Submit(Request(new int[30], 10), Token));
    }

    [Fact]
    public async Task Submit_UnknownTokenOrBadOption_IsRefused()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());
        GenerationRequest good = Request([1], 1);
        (string? Field, GenerationRequest Request)[] bad =
        [
            (null, Request([257], 1)),
            (null, Request([-1], 1)),
            ("max_tokens", good with { MaxTokens = 0 }),
            ("top_logprobs", good with { TopLogProbs = 21 }),
            ("min_tokens", good with { MinTokens = -1 }),
            ("min_tokens", good with { MinTokens = 2 }),
            ("speculate", good with { Speculate = 65 }),
            ("logit_bias", good with { LogitBias = new Dictionary<int, float> { [257] = 1 } }),
            ("logit_bias", good with { LogitBias = new Dictionary<int, float> { [5] = 100.5f } }),
            ("logit_bias", good with { LogitBias = new Dictionary<int, float> { [5] = float.NaN } }),
            ("logit_bias", good with { LogitBias = Enumerable.Range(0, 301).ToDictionary(token => token, _ => 1f) }),
            ("temperature", good with { Sampling = new SamplingOptions(Temperature: float.NaN) }),
            ("top_p", good with { Sampling = new SamplingOptions(TopP: 0) }),
            ("min_p", good with { Sampling = new SamplingOptions(MinP: 1) }),
            ("top_k", good with { Sampling = new SamplingOptions(TopK: -1) }),
            ("presence_penalty", good with { Sampling = new SamplingOptions(PresencePenalty: 2.1f) }),
            ("frequency_penalty", good with { Sampling = new SamplingOptions(FrequencyPenalty: float.NegativeInfinity) }),
            ("repetition_penalty", good with { Sampling = new SamplingOptions(RepetitionPenalty: 0) }),
            ("repetition_penalty", good with { LogitBias = new Dictionary<int, float> { [5] = 1 }, Sampling = new SamplingOptions(RepetitionPenalty: -1) }),
        ];

        Assert.All(bad, item =>
        {
            var refusal = Assert.Throws<RequestRefusedException>(() => engine.Submit(item.Request, Token));
            Assert.Equal((RefusalReason.Invalid, item.Field), (refusal.Reason, refusal.Field));
        });
    }

    [Fact]
    public async Task Submit_QueueFull_IsRefusedAndRoomComesBack()
    {
        using var gate = new ManualResetEventSlim();
        using var inRun = new ManualResetEventSlim();
        var runner = new FakeModelRunner { BeforeRun = _ => { inRun.Set(); gate.Wait(Token); } };
        await using var engine = new InferenceEngine(runner, new ByteVocabulary(), new SchedulingOptions { MaxRunning = 1, MaxWaiting = 2 });

        ChannelReader<GenerationEvent> first = engine.Submit(Request([1], 1), Token);
        inRun.Wait(Token);
        ChannelReader<GenerationEvent>[] waiting = [engine.Submit(Request([2], 1), Token), engine.Submit(Request([3], 1), Token)];
        var refusal = Assert.Throws<RequestRefusedException>(() => engine.Submit(Request([4], 1), Token));
        gate.Set();
        await Task.WhenAll(waiting.Append(first).Select(Collect));

        Assert.Equal(RefusalReason.QueueFull, refusal.Reason);
        await Collect(engine.Submit(Request([5], 1), Token));
        Assert.Equal(0, engine.Stats.Queued);
    }

    [Fact]
    public async Task Submit_CancelledWhileRunning_EndsCancelledAndFreesItsBlocks()
    {
        using var cancel = new CancellationTokenSource();
        var runner = new FakeModelRunner { BeforeRun = number => { if (number == 5) { cancel.Cancel(); } } };
        await using var engine = new InferenceEngine(runner, new ByteVocabulary());

        (_, GenerationEvent.Finished end) = await Collect(engine.Submit(Request(Encode("Hello"), 100) with { IgnoreEndOfSequence = true }, cancel.Token));
        await engine.StopAsync(Token);

        Assert.Equal(FinishReason.Cancelled, end.Reason);
        Assert.Equal(6, end.Usage.CompletionTokens);
        Assert.Equal(0, engine.Stats.Counts.BlocksLeased);
    }

    [Fact]
    public async Task Submit_StopText_IsCutOffAndEndsTheAnswer()
    {
        await using var engine = new InferenceEngine(TextRunner("one two three four"), new ByteVocabulary());

        (string text, GenerationEvent.Finished end) = await Collect(
            engine.Submit(Request(Encode("x"), 50) with { Stop = ["three"] }, Token));

        Assert.Equal("one two ", text);
        Assert.Equal((FinishReason.Stop, "three"), (end.Reason, end.StopText));
        Assert.Equal("one two three".Length, end.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Submit_EndOfTurnToken_StopsUnlessIgnored()
    {
        await using var engine = new InferenceEngine(TextRunner("héllo"), new ByteVocabulary());

        (string text, GenerationEvent.Finished end) = await Collect(engine.Submit(Request(Encode("x"), 50), Token));
        (_, GenerationEvent.Finished ignored) = await Collect(
            engine.Submit(Request(Encode("x"), 50) with { IgnoreEndOfSequence = true }, Token));

        Assert.Equal("héllo", text);
        Assert.Equal((FinishReason.Stop, 7), (end.Reason, end.Usage.CompletionTokens));
        Assert.Equal((FinishReason.Length, 50), (ignored.Reason, ignored.Usage.CompletionTokens));
    }

    [Fact]
    public async Task Submit_LogProbs_SumToOneAndNameTheChosenTokenFirst()
    {
        await using var engine = new InferenceEngine(new FakeModelRunner(), new ByteVocabulary());
        var deltas = new List<GenerationEvent.Delta>();

        await foreach (GenerationEvent item in engine.Submit(Request(Encode("abc"), 5) with { TopLogProbs = 20 }, Token).ReadAllAsync(Token))
        {
            deltas.AddRange(item is GenerationEvent.Delta delta ? [delta] : []);
        }

        TokenLogProb[] tokens = [.. deltas.SelectMany(delta => delta.Tokens)];
        Assert.Equal(FakeModelRunner.GreedyAnswer(Encode("abc"), 5), tokens.Select(token => token.Token));
        Assert.All(tokens, token => Assert.Equal((token.Token, token.LogProb), (token.Top[0].Token, token.Top[0].LogProb)));
        Assert.All(tokens, token => Assert.InRange(token.Top.Sum(top => Math.Exp(top.LogProb)), 0.1, 1.0));
        Assert.All(tokens, token => Assert.Equal(token.Top.OrderByDescending(top => top.LogProb), token.Top));
    }

    [Fact]
    public async Task Dispose_WhileAnswering_DrainsFirst()
    {
        var runner = new FakeModelRunner();
        var engine = new InferenceEngine(runner, new ByteVocabulary());
        ChannelReader<GenerationEvent> answer = engine.Submit(Request(Encode("drain"), 30) with { IgnoreEndOfSequence = true }, Token);

        await engine.DisposeAsync();
        (_, GenerationEvent.Finished end) = await Collect(answer);

        Assert.Equal((FinishReason.Length, 30), (end.Reason, end.Usage.CompletionTokens));
        Assert.True(runner.IsDisposed);
        Assert.Equal(RefusalReason.Stopping, Assert.Throws<RequestRefusedException>(() => engine.Submit(Request([1], 1), Token)).Reason);
        Assert.Equal(EngineState.Stopped, engine.Stats.State);
    }

    [Fact]
    public async Task Stop_Aborted_EndsEverythingCancelled()
    {
        using var abort = new CancellationTokenSource();
        var runner = new FakeModelRunner { BeforeRun = number => { if (number == 3) { abort.Cancel(); } } };
        var engine = new InferenceEngine(runner, new ByteVocabulary(), new SchedulingOptions { MaxRunning = 1 });
        ChannelReader<GenerationEvent>[] answers =
            [.. Enumerable.Range(0, 3).Select(i => engine.Submit(Request([i, 1], 100) with { IgnoreEndOfSequence = true }, Token))];

        await engine.StopAsync(abort.Token);
        (string, GenerationEvent.Finished End)[] ends = await Task.WhenAll(answers.Select(Collect));

        Assert.All(ends, end => Assert.Equal(FinishReason.Cancelled, end.End.Reason));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Run_FailsOnce_EndsItsRequestsWithTheCauseAndServesTheNext()
    {
        var runner = new FakeModelRunner { BeforeRun = number => { if (number == 2) { throw new InvalidOperationException("device lost"); } } };
        await using var engine = new InferenceEngine(runner, new ByteVocabulary());

        (_, GenerationEvent.Finished failed) = await Collect(engine.Submit(Request(Encode("abc"), 10) with { IgnoreEndOfSequence = true }, Token));
        (string text, GenerationEvent.Finished end) = await Collect(engine.Submit(Request(Encode("abc"), 10) with { IgnoreEndOfSequence = true }, Token));

        Assert.Equal(FinishReason.Error, failed.Reason);
        Assert.Contains("device lost", failed.Error, StringComparison.Ordinal);
        Assert.Equal(2, failed.Usage.CompletionTokens);
        Assert.Equal(FinishReason.Length, end.Reason);
        Assert.Equal(TextOf(FakeModelRunner.GreedyAnswer(Encode("abc"), 10, end: null)), text);
        Assert.Equal(EngineState.Running, engine.Stats.State);
    }

    [Fact]
    public async Task Run_KeepsFailing_TurnsUnhealthyAndRefuses()
    {
        var runner = new FakeModelRunner { BeforeRun = _ => throw new InvalidOperationException("device lost") };
        await using var engine = new InferenceEngine(runner, new ByteVocabulary(), new SchedulingOptions { MaxRunning = 1, MaxFailuresInARow = 2 });

        for (int i = 0; i < 2; i++)
        {
            (_, GenerationEvent.Finished failed) = await Collect(engine.Submit(Request([1], 3), Token));
            Assert.Equal(FinishReason.Error, failed.Reason);
        }

        while (engine.Stats.State == EngineState.Running)
        {
            await Task.Yield();
        }

        var refusal = Assert.Throws<RequestRefusedException>(() => engine.Submit(Request([1], 3), Token));
        Assert.Equal(RefusalReason.Unhealthy, refusal.Reason);
        Assert.Contains("device lost", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(EngineState.Unhealthy, engine.Stats.State);
    }

    [Fact]
    public async Task Run_LogitsNotFinite_EndsThatRequestAlone()
    {
        var runner = new FakeModelRunner { Shape = (tokens, logits) => { if (tokens[0] == 66) { logits[3] = float.NaN; } } };
        await using var engine = new InferenceEngine(runner, new ByteVocabulary());

        (string, GenerationEvent.Finished End)[] ends = await Task.WhenAll(
            Collect(engine.Submit(Request(Encode("A"), 6) with { IgnoreEndOfSequence = true }, Token)),
            Collect(engine.Submit(Request(Encode("B"), 6) with { IgnoreEndOfSequence = true }, Token)));

        Assert.Equal([FinishReason.Length, FinishReason.Error], ends.Select(end => end.End.Reason));
    }

    [Fact]
    public async Task Submit_FromManyThreadsWithCancels_EachEndsExactlyOnce()
    {
        await using var engine = new InferenceEngine(
            new FakeModelRunner(blockCount: 30), new ByteVocabulary(), new SchedulingOptions { MaxRunning = 5, MaxWaiting = 10_000 });

        int[] terminals = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(
            async () =>
            {
                using var cancel = new CancellationTokenSource();
                ChannelReader<GenerationEvent> answer = engine.Submit(Request(Encode($"request {i % 13}"), 20), cancel.Token);
                if (i % 3 == 0)
                {
                    await answer.WaitToReadAsync(Token);
                    await cancel.CancelAsync();
                }

                int finished = 0;
                await foreach (GenerationEvent item in answer.ReadAllAsync(Token))
                {
                    finished += item is GenerationEvent.Finished ? 1 : 0;
                }

                return finished;
            },
            Token)));

        Assert.All(terminals, count => Assert.Equal(1, count));
        await engine.StopAsync(Token);
        SchedulerCounts counts = engine.Stats.Counts;
        Assert.Equal((30, 0, 0), (counts.BlocksFree + counts.BlocksCached, counts.BlocksLeased, counts.Running + counts.Waiting));
    }

    private static GenerationRequest Request(int[] prompt, int maxTokens) => new() { PromptTokens = prompt, MaxTokens = maxTokens };

    private static async Task<(string Text, GenerationEvent.Finished End)> Collect(ChannelReader<GenerationEvent> answer)
    {
        var text = new StringBuilder();
        GenerationEvent.Finished? end = null;
        await foreach (GenerationEvent item in answer.ReadAllAsync(Token))
        {
            Assert.Null(end);
            text.Append((item as GenerationEvent.Delta)?.Text);
            end = item as GenerationEvent.Finished;
        }

        return (text.ToString(), Assert.IsType<GenerationEvent.Finished>(end));
    }

    private static string TextOf(int[] tokens) =>
        Encoding.UTF8.GetString([.. tokens.Where(token => token < 256).Select(token => (byte)token)]);

    /// <summary>Says the text after any one-token prompt, then end-of-turn.</summary>
    private static FakeModelRunner TextRunner(string text)
    {
        int[] answer = [.. Encode(text), EndOfTurn];
        return new FakeModelRunner { Shape = (tokens, logits) => logits[answer[Math.Min(tokens.Length - 1, answer.Length - 1)]] = 100 };
    }
}
