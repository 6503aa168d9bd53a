using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Tests.Record;

namespace CacheProxy.Tests.Ledger.Prices;

/// <summary>Every rule with its arithmetic written out: USD per million tokens times tokens, in nanodollars (1e-9 USD): 1 USD per million is 1,000 nanodollars a token.</summary>
public class CostArithmeticTests
{
    private static readonly ModelPrice s_gpt5Nano = Price("gpt-5-nano", 0.05m, 0.4m, cached: 0.005m);
    private static readonly ModelPrice s_sonnet = Price("claude-sonnet-4-5", 3m, 15m, cached: 0.3m, write: 3.75m, hour: 6m);

    [Fact]
    public void OpenAI_RecordedAnswer_ThoughtsAreInsideTheCompletion()
    {
        // Recorded: prompt 12, completion 100, all of it thoughts. 12 x 50 + 100 x 400 = 40,600.
        TokenCounts usage = AnswerReaders.TryRead(Recording.Recorded().Single(item => item.Name == "chat-detailed-usage").Body)!.Tokens;

        Assert.Equal(new Money(40_600), CostArithmetic.Of(usage, s_gpt5Nano));
    }

    [Fact]
    public void OpenAI_RecordedStream_CostsWhatTheObjectDoes()
    {
        TokenCounts usage = AnswerReaders.TryRead(Recording.Recorded().Single(item => item.Name == "chat-streaming-detailed-usage").Body)!.Tokens;

        Assert.Equal(new Money(40_600), CostArithmetic.Of(usage, s_gpt5Nano));
    }

    [Fact]
    public void OpenAI_PromptIncludesTheCached()
    {
        // 5,000 of which 3,000 cached: 2,000 x 2,500 + 3,000 x 1,250 + 70 x 10,000 = 5,000,000 + 3,750,000 + 700,000.
        TokenCounts usage = Read(Dialect.OpenAIChat, """{"prompt_tokens":5000,"completion_tokens":70,"total_tokens":5070,"prompt_tokens_details":{"cached_tokens":3000}}""");

        Assert.Equal(new Money(9_450_000), CostArithmetic.Of(usage, Price("gpt-4o", 2.5m, 10m, cached: 1.25m)));
    }

    [Fact]
    public void OpenAI_WritesAreChargedFromGpt56On()
    {
        const string usage = """{"input_tokens":5000,"input_tokens_details":{"cached_tokens":3000,"cache_write_tokens":1500},"output_tokens":70,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":5070}""";

        // gpt-5.6-terra from 2026-07-30: 500 x 2,000 + 3,000 x 200 + 1,500 x 2,500 + 70 x 12,000 = 1,000,000 + 600,000 + 3,750,000 + 840,000.
        Assert.Equal(new Money(6_190_000), CostArithmetic.Of(Read(Dialect.OpenAIResponses, usage), Price("gpt-5.6-terra", 2m, 12m, cached: 0.2m, write: 2.5m)));
        // gpt-5.5 takes nothing beyond the input for a write: 2,000 x 5,000 + 3,000 x 500 + 70 x 30,000 = 10,000,000 + 1,500,000 + 2,100,000.
        Assert.Equal(new Money(13_600_000), CostArithmetic.Of(Read(Dialect.OpenAIResponses, usage), Price("gpt-5.5", 5m, 30m, cached: 0.5m)));
    }

    [Fact]
    public void Anthropic_InputExcludesTheCachedAndTheWritten_WhichCost125Or200Percent()
    {
        TokenCounts usage = Read(Dialect.AnthropicMessages, """
            {"input_tokens":21,"cache_creation_input_tokens":188086,"cache_read_input_tokens":1000,"output_tokens":393,
             "cache_creation":{"ephemeral_5m_input_tokens":148086,"ephemeral_1h_input_tokens":40000}}
            """);

        // 21 x 3,000 + 1,000 x 300 + 148,086 x 3,750 + 40,000 x 6,000 + 393 x 15,000
        //   = 63,000 + 300,000 + 555,322,500 + 240,000,000 + 5,895,000.
        Assert.Equal(new Money(801_580_500), CostArithmetic.Of(usage, s_sonnet));
    }

    [Fact]
    public void Anthropic_WriteAtFiveMinutes_WhereTheTimeIsNotSaid()
        // 10 x 3,000 + 100 x 3,750 + 1 x 15,000.
        => Assert.Equal(new Money(420_000), CostArithmetic.Of(Read(Dialect.AnthropicMessages, """{"input_tokens":10,"cache_creation_input_tokens":100,"output_tokens":1}"""), s_sonnet));

    [Fact]
    public void DeepSeek_HitsAndMisses()
        // 76 x 270 + 1,024 x 70 + 20 x 1,100 = 20,520 + 71,680 + 22,000.
        => Assert.Equal(
            new Money(114_200),
            CostArithmetic.Of(
                Read(Dialect.OpenAIChat, """{"prompt_tokens":1100,"completion_tokens":20,"total_tokens":1120,"prompt_cache_hit_tokens":1024,"prompt_cache_miss_tokens":76}"""),
                Price("deepseek-chat", 0.27m, 1.1m, cached: 0.07m)));

    [Fact]
    public void Embeddings_AreInputAlone()
        // 8 x 20.
        => Assert.Equal(new Money(160), CostArithmetic.Of(Read(Dialect.OpenAIEmbeddings, """{"prompt_tokens":8,"total_tokens":8}"""), Price("text-embedding-3-small", 0.02m, 0m)));

    [Theory]
    // At 200,000 all at 3 and 15; one token more and all at 6 and 22.5.
    [InlineData(200_000, 600_015_000)]
    [InlineData(200_001, 1_200_028_500)]
    public void LongPrompt_CostsTheHigherPriceForAllOfIt(long prompt, long nanodollars)
    {
        ModelPrice price = s_sonnet with { LongPrompt = Price("claude-sonnet-4-5", 6m, 22.5m), LongPromptAbove = 200_000 };

        Assert.Equal(new Money(nanodollars), CostArithmetic.Of(new TokenCounts(prompt, 1), price));
    }

    [Theory]
    [InlineData(ServiceTier.Standard, 4_000L)]
    [InlineData(ServiceTier.Flex, 2_000L)]
    [InlineData(ServiceTier.Batch, null)]
    [InlineData(ServiceTier.Priority, null)]
    [InlineData(ServiceTier.Other, null)]
    public void ServiceTier_WithoutAKnownPrice_IsUnknown(ServiceTier tier, long? nanodollars)
    {
        ModelPrice price = Price("m", 1m, 3m) with { Flex = Price("m", 0.5m, 1.5m) };

        Assert.Equal(nanodollars, CostArithmetic.Of(new TokenCounts(1, 1) { Tier = tier }, price)?.Nanodollars);
    }

    [Fact]
    public void ClassWithoutAPrice_ThatIsUsed_IsUnknown()
    {
        ModelPrice price = Price("m", 1m, 3m);

        Assert.Null(CostArithmetic.Of(new TokenCounts(10, 1) { CachedRead = 5 }, price));
        Assert.Null(CostArithmetic.Of(new TokenCounts(10, 1) { CacheWrite = 5, CacheWriteHour = 5 }, price));
        Assert.NotNull(CostArithmetic.Of(new TokenCounts(10, 1) { CachedRead = 0, CacheWrite = 5 }, price));
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, -1)]
    [InlineData(-1, -1)]
    public void UnknownCounts_AreOfUnknownCost(long prompt, long completion)
        => Assert.Null(CostArithmetic.Of(new TokenCounts(prompt, completion), s_sonnet));

    [Fact]
    public void HostedTools_AreAPartThatNobodyPriced()
    {
        TokenCounts usage = Read(Dialect.AnthropicMessages, """{"input_tokens":1,"output_tokens":1,"server_tool_use":{"web_search_requests":1}}""");

        Assert.True(CostArithmetic.IsPartOnly(usage, s_sonnet));
        Assert.Equal(new Money(18_000), CostArithmetic.Of(usage, s_sonnet));
    }

    [Fact]
    public void Anthropic_RecordedSearch_CostsItsTokensAndTheSearch()
    {
        TokenCounts usage = AnswerReaders.TryRead(Recording.Pairs().Single(pair => pair.Object.Name == "messages-web-search").Object.Body)!.Tokens;
        ModelPrice price = s_sonnet with { Search = TokenRates.PicodollarsOfSearch(10m) };

        // 6,039 x 3,000 + 931 x 15,000 + 1 search at 10 USD per thousand = 18,117,000 + 13,965,000 + 10,000,000.
        Assert.Equal(new Money(42_082_000), CostArithmetic.Of(usage, price));
        Assert.False(CostArithmetic.IsPartOnly(usage, price));
        Assert.True(CostArithmetic.IsPartOnly(usage with { Extras = usage.Extras | UsageExtras.HostedTools }, price));
    }

    [Theory]
    // At 272,001 the flex tariff of a long prompt is not known; at 272,000 it is that of all.
    [InlineData(272_000, 136_000L)]
    [InlineData(272_001, null)]
    public void LongPrompt_AtATariffThatSaysNothingOfIt_IsUnknown(long prompt, long? nanodollars)
    {
        ModelPrice price = Price("m", 1m, 3m) with { Flex = Price("m", 0.0005m, 0m), LongPrompt = Price("m", 2m, 6m), LongPromptAbove = 272_000 };

        Assert.Equal(nanodollars, CostArithmetic.Of(new TokenCounts(prompt, 0) { Tier = ServiceTier.Flex }, price)?.Nanodollars);
    }

    [Fact]
    public void RandomUsage_IsMonotone_ExactToHalfANanodollar_AndNeverNegative()
    {
        var random = new Random(9);
        for (int i = 0; i < 20_000; i++)
        {
            ModelPrice price = Price("m", Usd(random), Usd(random), Usd(random), Usd(random), Usd(random));
            long read = random.NextInt64(1_000_000), hour = random.NextInt64(1_000_000), write = hour + random.NextInt64(1_000_000), fresh = random.NextInt64(1_000_000);
            var usage = new TokenCounts(fresh + read + write, random.NextInt64(1_000_000)) { CachedRead = read, CacheWrite = write, CacheWriteHour = hour };

            Money cost = CostArithmetic.Of(usage, price)!.Value;

            decimal exact = ((fresh * (decimal)price.Input) + (read * (decimal)price.CachedInput!) + ((write - hour) * (decimal)price.CacheWrite!)
                + (hour * (decimal)price.CacheWriteHour!) + (usage.Completion * (decimal)price.Output)) / 1000m;
            Assert.InRange(cost.Nanodollars - exact, -0.5m, 0.5m);
            Assert.True(cost.Nanodollars >= 0);
            Assert.True(CostArithmetic.Of(usage with { Prompt = usage.Prompt + 1 }, price)!.Value.Nanodollars >= cost.Nanodollars);
            Assert.True(CostArithmetic.Of(usage with { Completion = usage.Completion + 1 }, price)!.Value.Nanodollars >= cost.Nanodollars);
        }
    }

    [Fact]
    public void LargestCounts_AtTheLargestPrices_DoNotOverflow()
    {
        ModelPrice dearest = Price("m", TokenRates.Most, TokenRates.Most, TokenRates.Most, TokenRates.Most, TokenRates.Most);

        // 2 x 1e9 tokens at 0.002 USD: 4 million dollars.
        Assert.Equal(4_000_000m, CostArithmetic.Of(new TokenCounts(UsageLimits.MostTokens, UsageLimits.MostTokens), dearest)!.Value.ToUsd());
        Assert.Null(CostArithmetic.Of(new TokenCounts(long.MaxValue, long.MaxValue), dearest with { Input = long.MaxValue }));
    }

    private static decimal Usd(Random random) => random.Next(1, 20_000_000) / 10_000m;

    private static TokenCounts Read(Dialect dialect, string usage)
    {
        using JsonDocument document = JsonDocument.Parse(usage);
        return UsageReader.Read(document.RootElement, dialect).Counts;
    }

    private static ModelPrice Price(string model, decimal input, decimal output, decimal? cached = null, decimal? write = null, decimal? hour = null)
        => new PriceRow { Provider = "p", Model = model, Input = input, Output = output, CachedInput = cached, CacheWrite = write, CacheWriteHour = hour }.ToPrice("test");
}
