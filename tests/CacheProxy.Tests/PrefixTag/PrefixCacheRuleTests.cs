using CacheProxy.Exchange.Answers;
using static CacheProxy.Tests.PrefixTag.ForecastHarness;

namespace CacheProxy.Tests.PrefixTag;

/// <summary>Each provider's rule, with the arithmetic written out.</summary>
public class PrefixCacheRuleTests
{
    private const string Mark = """{"type":"ephemeral"}""";
    private const string Hour = """{"type":"ephemeral","ttl":"1h"}""";

    private static readonly string Question = Turn("user", new string('q', 4800));

    // Below 1,024 nothing; then 1,024 + n * 128.
    [Theory]
    [InlineData("openai", 1023, 0)]
    [InlineData("openai", 1024, 1024)]
    [InlineData("openai", 1151, 1024)]
    [InlineData("azure", 1152, 1152)]
    [InlineData("openai", 9999, 9984)]
    // Whole blocks of 16, and every token.
    [InlineData("vllm", 15, 0)]
    [InlineData("vllm", 33, 32)]
    [InlineData("sglang", 15, 15)]
    [InlineData("cacheproxy", 33, 33)]
    public void Tokens_ThatAreTheSame_ComeOutInWholeSteps(string kind, long tokens, long expected)
    {
        ForecastHarness sut = new ForecastHarness(kind).Settled();
        sut.Answer(tokens, Question);

        Assert.Equal(expected, sut.Expect(Question, Turn("assistant", "a"), Turn("user", "b")));
    }

    [Theory]
    [InlineData("gpt-4o-mini", "", 10)]
    [InlineData("gpt-5", "", 10)]
    [InlineData("gpt-5.1", "\"prompt_cache_retention\":\"24h\",", 24 * 60)]
    [InlineData("gpt-5.5-mini", "", 24 * 60)]
    [InlineData("gpt-5.6", "", 30)]
    public void OpenAI_ForgetsByModelAndWish(string model, string fields, int minutes)
    {
        ForecastHarness sut = new ForecastHarness("openai", model) { Fields = fields }.Settled();
        sut.Answer(1280, Question);
        sut.Clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.Equal(1280, sut.Expect(Question));

        sut.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, sut.Expect(Question));
    }

    [Fact]
    public void Use_BeginsTheTimeAnew()
    {
        ForecastHarness sut = new ForecastHarness("openai").Settled();
        sut.Answer(1280, Question);
        for (int i = 0; i < 5; i++)
        {
            sut.Clock.Advance(TimeSpan.FromMinutes(8));
            Assert.Equal(1280, sut.Answer(new TokenCounts(1290, 5) { CachedRead = 1280 }, null, Question, Turn("assistant", "a"), Turn("user", $"{i}")));
        }
    }

    [Fact]
    public void OpenAI_FromBreakpoints_FindsWholePromptsOnly()
    {
        ForecastHarness sut = new ForecastHarness("openai", "gpt-5.6").Settled();
        string instructions = Turn("system", new string('s', 8000));
        sut.Answer(2011, instructions, Turn("user", "one question"));

        // The same instructions with another question: their end was no breakpoint. The conversation goes on from its own, not rounded.
        Assert.Equal(0, sut.Expect(instructions, Turn("user", "another question")));
        Assert.Equal(2011, sut.Expect(instructions, Turn("user", "one question"), Turn("assistant", "a"), Turn("user", "b")));
    }

    [Fact]
    public void OpenAI_ShortPrompt_IsNothing_WithoutHavingBeenSeen()
    {
        var sut = new ForecastHarness("openai");

        Assert.Equal(0, sut.Expect(Turn("user", "no text of 60 bytes has 1,024 tokens")));
        Assert.Equal(-1, sut.Expect(Question));
    }

    [Fact]
    public void Anthropic_KeepsWhatIsMarkedAlone()
    {
        ForecastHarness sut = new ForecastHarness("anthropic").Settled();
        Assert.Equal(0, sut.Answer(1210, Question, Turn("user", "b")));
        Assert.Equal(0, sut.Expect(Question, Turn("user", "c")));

        string marked = Turn("user", new string('q', 4800), Mark);
        Assert.Equal(0, sut.Answer(new TokenCounts(1210, 5) { CachedRead = 0, CacheWrite = 1204 }, null, marked, Turn("user", "b")));

        // 1,204 were written up to the mark; without one nothing is looked for.
        Assert.Equal(1204, sut.Expect(marked, Turn("user", "c")));
        Assert.Equal(0, sut.Expect(Question, Turn("user", "c")));
    }

    [Theory]
    [InlineData(Mark, 5)]
    [InlineData(Hour, 60)]
    public void Anthropic_ForgetsByTheMarksTime(string mark, int minutes)
    {
        ForecastHarness sut = new ForecastHarness("anthropic").Settled();
        string marked = Turn("user", new string('q', 4800), mark);
        sut.Answer(new TokenCounts(1204, 5) { CachedRead = 0, CacheWrite = 1204 }, null, marked);
        sut.Clock.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(1));
        Assert.Equal(1204, sut.Expect(marked));

        sut.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, sut.Expect(marked));
    }

    [Theory]
    [InlineData("claude-opus-5", 600, 600)]
    [InlineData("claude-sonnet-4-5", 1023, 0)]
    [InlineData("claude-sonnet-4-5", 1024, 1024)]
    [InlineData("claude-3-5-haiku-20241022", 2047, 0)]
    [InlineData("claude-haiku-4-5", 4095, 0)]
    [InlineData("claude-opus-4-5-20251101", 4096, 4096)]
    public void Anthropic_KeepsFromTheModelsLeastOn(string model, long tokens, long expected)
    {
        ForecastHarness sut = new ForecastHarness("anthropic", model).Settled();
        string marked = Turn("user", new string('q', 20_000), Mark);
        sut.Answer(new TokenCounts(tokens, 5) { CachedRead = 0, CacheWrite = tokens }, null, marked);

        Assert.Equal(expected, sut.Expect(marked));
    }

    [Fact]
    public void Anthropic_ThatWroteNothing_KeepsNothing()
    {
        ForecastHarness sut = new ForecastHarness("anthropic").Settled();
        string marked = Turn("user", new string('q', 4800), Mark);
        sut.Answer(new TokenCounts(1204, 5) { CachedRead = 0, CacheWrite = 0 }, null, marked);

        Assert.Equal(0, sut.Expect(marked));
    }

    [Fact]
    public void Anthropic_AMovingMark_FindsTheOneBefore_WithinTwentyTurns()
    {
        ForecastHarness sut = new ForecastHarness("anthropic").Settled();
        string first = new('q', 4800);
        sut.Answer(new TokenCounts(1204, 5) { CachedRead = 0, CacheWrite = 1204 }, null, Turn("user", first, Mark));
        string[] Further(int count) => [Turn("user", first), .. Enumerable.Range(1, count - 1).Select(i => Turn("user", $"{i}")), Turn("user", "last", Mark)];

        Assert.Equal(1204, sut.Expect(Further(20)));
        Assert.Equal(0, sut.Expect(Further(21)));
    }

    [Fact]
    public void Anthropic_AMarkInsideATurn_IsNotForetold()
    {
        ForecastHarness sut = new ForecastHarness("anthropic").Settled();

        Assert.Equal(-1, sut.Expect($$"""{"role":"user","content":[{"type":"text","text":"{{new string('d', 9000)}}","cache_control":{{Mark}}},{"type":"text","text":"what?"}]}"""));
    }

    [Fact]
    public void Anthropic_MarkedOnTheWay_FindsItsInstructions()
    {
        ForecastHarness sut = new ForecastHarness("anthropic") { Fields = $"\"system\":\"{new string('s', 8000)}\",", MarksHead = true }.Settled();
        sut.Answer(new TokenCounts(2010, 5) { CachedRead = 0, CacheWrite = 2000 }, null, Turn("user", "a"));

        Assert.Equal(2000, sut.Expect(Turn("user", "b")));
    }
}
