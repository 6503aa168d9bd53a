using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Routes;
using static CacheProxy.Tests.PrefixTag.ForecastHarness;

namespace CacheProxy.Tests.PrefixTag;

public class PrefixForecastTests
{
    private static readonly string Instructions = Turn("system", new string('s', 4000));

    [Fact]
    public void Unknown_IsNotNothing()
    {
        var sut = new ForecastHarness("vllm");

        Assert.Equal(-1, sut.Expect(Instructions, Turn("user", "a")));
        sut.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(0, sut.Expect(Instructions, Turn("user", "a")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("compatible")]
    [InlineData("ollama")]
    [InlineData("llamacpp")]
    public void Kind_WhoseRulesNobodyKnows_HasNoForecast(string? kind)
    {
        ForecastHarness sut = new ForecastHarness(kind).Settled();
        sut.Answer(1010, Instructions, Turn("user", "a"));

        Assert.Equal(-1, sut.Expect(Instructions, Turn("user", "a")));
    }

    [Fact]
    public void Compatible_ThatIsACacheProxy_IsForecast()
    {
        ForecastHarness sut = new ForecastHarness("compatible") { Upstream = new UpstreamTarget { Name = "u", BaseUrl = "http://localhost", Kind = "compatible", IsCacheProxyAware = true } }.Settled();
        sut.Answer(1010, Instructions, Turn("user", "a"));

        Assert.Equal(1010, sut.Expect(Instructions, Turn("user", "a")));
    }

    [Fact]
    public void Question_AfterKnownInstructions_FindsTheirShareOfTheTokens()
    {
        ForecastHarness sut = new ForecastHarness("sglang").Settled();
        sut.Answer(1015, Instructions, Turn("user", "a first question here"));

        // 4,000 letters and 39 bytes around them, of 4,098 in all, are 1,000 of 1,015 tokens.
        Assert.InRange(sut.Expect(Instructions, Turn("user", "something else")), 998, 1003);
    }

    [Fact]
    public void Conversation_ExtendsWhatWasTold()
    {
        ForecastHarness sut = new ForecastHarness("openai").Settled();
        string[] first = [Instructions, Turn("user", new string('q', 400))];
        sut.Answer(1203, first);
        string[] second = [.. first, Turn("assistant", "Well."), Turn("user", "And then?")];

        // 1,203 tokens were told: 9 whole steps of 128. The answer is not kept.
        Assert.Equal(1152, sut.Answer(1220, second));
        Assert.Equal(1152, sut.Expect([.. second, Turn("assistant", "Then."), Turn("user", "More?")]));
    }

    [Fact]
    public void Answer_ThatComesBack_IsKeptByAnEngine()
    {
        ForecastHarness sut = new ForecastHarness("vllm").Settled();
        string[] first = [Instructions, Turn("user", "a")];
        sut.Answer(new TokenCounts(1010, 200) { CachedRead = 0 }, "word word", first);

        // 1,010 + 200 - 1 = 1,209 tokens were computed: 75 blocks of 16 are 1,200. With other words in its place 63 blocks are left.
        Assert.Equal(1200, sut.Expect([.. first, Turn("assistant", "word word"), Turn("user", "b")]));
        Assert.Equal(1008, sut.Expect([.. first, Turn("assistant", "other words"), Turn("user", "b")]));
    }

    [Fact]
    public void Thoughts_AreNotSentBack()
    {
        ForecastHarness sut = new ForecastHarness("sglang").Settled();
        string[] first = [Instructions, Turn("user", "a")];
        sut.Answer(new TokenCounts(1010, 200) { CachedRead = 0, Reasoning = 150 }, "word", first);

        Assert.Equal(1010, sut.Expect([.. first, Turn("assistant", "word"), Turn("user", "b")]));
    }

    [Fact]
    public void Edit_InTheMiddle_FallsBackToTheBoundaryBefore()
    {
        ForecastHarness sut = new ForecastHarness("sglang").Settled();
        string[] first = [Instructions, Turn("user", "a question")];
        sut.Answer(1020, first);
        sut.Answer(1060, [.. first, Turn("assistant", "an answer"), Turn("user", "b")]);

        Assert.Equal(1020, sut.Expect([.. first, Turn("assistant", "an edited answer"), Turn("user", "b")]));
        Assert.InRange(sut.Expect(Instructions, Turn("user", "an edited question"), Turn("assistant", "an answer"), Turn("user", "b")), 1000, 1012);
    }

    [Fact]
    public void Failures_TeachNothing()
    {
        ForecastHarness sut = new ForecastHarness("sglang").Settled();
        sut.Fail(500, new TokenCounts(1010, 5) { CachedRead = 0 }, Instructions, Turn("user", "a"));
        sut.Fail(200, TokenCounts.Unknown, Instructions, Turn("user", "a"));
        sut.Fail(200, TokenCounts.None, Instructions, Turn("user", "a"));

        Assert.Equal(0, sut.Expect(Instructions, Turn("user", "a")));
    }

    [Fact]
    public void Upstreams_ForgetAndRememberByThemselves()
    {
        ForecastHarness sut = new ForecastHarness("sglang").Settled();
        sut.Answer(1010, Instructions, Turn("user", "a"));
        sut.Upstream = new UpstreamTarget { Name = "other", BaseUrl = "http://localhost", Kind = "sglang" };

        Assert.Equal(0, sut.Expect(Instructions, Turn("user", "a")));
    }

    [Fact]
    public void Loss_OfOneBeginning_IsTheLossOfAllThatWereUsedBefore()
    {
        ForecastHarness sut = new ForecastHarness("vllm").Settled();
        foreach (string name in new[] { "a", "b", "c" })
        {
            sut.Answer(1008, Turn("system", new string(name[0], 4000)), Turn("user", "q"));
            sut.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1008, sut.Answer(new TokenCounts(1008, 1) { CachedRead = 0 }, null, Turn("system", new string('b', 4000)), Turn("user", "q")));

        Assert.Equal(0, sut.Expect(Turn("system", new string('a', 4000)), Turn("user", "q")));
        Assert.Equal(1008, sut.Expect(Turn("system", new string('b', 4000)), Turn("user", "q")));
        Assert.Equal(1008, sut.Expect(Turn("system", new string('c', 4000)), Turn("user", "q")));
    }

    [Fact]
    public void Memory_IsBounded_AndKeepsWhatIsInUse()
    {
        ForecastHarness sut = new ForecastHarness("sglang", remembered: 100).Settled();
        for (int i = 0; i < 500; i++)
        {
            sut.Answer(1010, Instructions, Turn("user", "always"));
            sut.Answer(20, Turn("system", $"other {i}"), Turn("user", "once"));
        }

        Assert.Equal(1010, sut.Expect(Instructions, Turn("user", "always")));
        Assert.Equal(0, sut.Expect(Turn("system", "other 0"), Turn("user", "once")));
    }

    [Fact]
    public void Images_AreNotEstimatedByTheirBytes()
    {
        ForecastHarness sut = new ForecastHarness("openai").Settled();
        const string image = """{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.com/a.png"}},{"type":"text","text":"what?"}]}""";
        Assert.Equal(0, sut.Answer(2000, image));

        Assert.Equal(1920, sut.Expect(image));
        Assert.Equal(1920, sut.Expect(image, Turn("assistant", "A boat."), Turn("user", "sure?")));
    }

    [Fact]
    public void Template_OfTheModel_IsMeasuredByWhatItsCacheDelivers()
    {
        var sut = new ForecastHarness("sglang");
        Assert.Equal(-1, sut.Answer(new TokenCounts(40, 5) { CachedRead = 0 }, null, Turn("user", "one")));
        Assert.Equal(-1, sut.Answer(new TokenCounts(50, 5) { CachedRead = 36 }, null, Turn("user", "two words")));
        Assert.Equal(36, sut.Answer(new TokenCounts(50, 5) { CachedRead = 31 }, null, Turn("user", "three of them")));

        // 31 are the template's own, the 5 more were an accident; with instructions of one's own it puts none in front.
        Assert.Equal(31, sut.Expect(Turn("user", "four")));
        Assert.Equal(-1, sut.Expect(Turn("system", "be brief"), Turn("user", "four")));
    }

    [Fact]
    public void Switch_Off_PredictsNothing()
        => Assert.Equal(-1, new ForecastHarness("sglang", remembered: 0).Expect(Instructions, Turn("user", "a")));

    [Fact]
    public void Forecast_OfRandomConversations_IsTheLongestBeginningThatWasAnswered()
    {
        var random = new Random(7);
        ForecastHarness sut = new ForecastHarness("sglang").Settled();
        var told = new Dictionary<string, long>();
        for (int round = 0; round < 400; round++)
        {
            string[] turns = [.. Enumerable.Range(0, random.Next(1, 8)).Select(i => Turn(i % 2 == 0 ? "user" : "assistant", new string((char)('a' + random.Next(2)), 40)))];
            long expected = 0;
            for (int length = turns.Length; length > 0 && expected == 0; length--)
            {
                expected = told.GetValueOrDefault(string.Concat(turns[..length]));
            }

            // Every turn is ten tokens; those of the boundaries inside are told or shares, and these are exact where all turns are alike.
            Assert.Equal(expected, sut.Answer(10 * turns.Length, turns));
            for (int length = 1; length <= turns.Length; length++)
            {
                told[string.Concat(turns[..length])] = 10 * length;
            }
        }
    }
}
