using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Tests.Record;

namespace CacheProxy.Tests.Exchange.Readers;

public class UsageReaderTests
{
    [Fact]
    public void OpenAI_PromptIncludesCached_AndCompletionIncludesThoughts()
    {
        // Recorded: 100 completion tokens, all of them thoughts.
        Recording recording = Recording.Recorded().Single(item => item.Name == "chat-detailed-usage");
        TokenCounts counts = AnswerReaders.TryRead(recording.Body)!.Tokens;

        Assert.Equal(new TokenCounts(12, 100) { CachedRead = 0, CacheWrite = 0, CacheWriteHour = 0, Reasoning = 100 }, counts);
    }

    [Fact]
    public void Anthropic_InputExcludesCachedAndWritten()
    {
        TokenCounts counts = Read(Dialect.AnthropicMessages, """
            {"input_tokens":21,"cache_creation_input_tokens":188086,"cache_read_input_tokens":1000,"output_tokens":393,
             "cache_creation":{"ephemeral_5m_input_tokens":148086,"ephemeral_1h_input_tokens":40000},"service_tier":"standard"}
            """);

        // 21 behind the last breakpoint, 1,000 from the cache, 188,086 into it.
        Assert.Equal(new TokenCounts(21 + 1000 + 188_086, 393) { CachedRead = 1000, CacheWrite = 188_086, CacheWriteHour = 40_000, Reasoning = 0 }, counts);
    }

    [Fact]
    public void Anthropic_WrittenTokensByTheirTimeAlone_AddUp()
        => Assert.Equal(500, Read(Dialect.AnthropicMessages, """{"input_tokens":1,"output_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":300}}""").CacheWrite);

    [Fact]
    public void Responses_CacheWritesAreInTheInput()
    {
        TokenCounts counts = Read(Dialect.OpenAIResponses, """
            {"input_tokens":5000,"input_tokens_details":{"cached_tokens":3000,"cache_write_tokens":1500},"output_tokens":70,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":5070}
            """);

        Assert.Equal(new TokenCounts(5000, 70) { CachedRead = 3000, CacheWrite = 1500, CacheWriteHour = 0, Reasoning = 64 }, counts);
    }

    [Theory]
    // DeepSeek: hits and misses beside the total.
    [InlineData("""{"prompt_tokens":1100,"completion_tokens":20,"total_tokens":1120,"prompt_cache_hit_tokens":1024,"prompt_cache_miss_tokens":76}""", 1100, 20, 1024)]
    [InlineData("""{"completion_tokens":20,"prompt_cache_hit_tokens":1024,"prompt_cache_miss_tokens":76}""", 1100, 20, 1024)]
    // Moonshot.
    [InlineData("""{"prompt_tokens":1100,"completion_tokens":20,"total_tokens":1120,"cached_tokens":512}""", 1100, 20, 512)]
    // Mistral.
    [InlineData("""{"prompt_tokens":40,"completion_tokens":5,"total_tokens":45,"prompt_tokens_details":{"cached_tokens":32}}""", 40, 5, 32)]
    // Gemini's compatible API: the thoughts are only in the total. 9 + 24 + 200 = 233.
    [InlineData("""{"prompt_tokens":9,"completion_tokens":24,"total_tokens":233}""", 9, 224, 0)]
    // xAI: thoughts beside the completion. 30 + 10 + 300 = 340.
    [InlineData("""{"prompt_tokens":30,"completion_tokens":10,"total_tokens":340,"completion_tokens_details":{"reasoning_tokens":300}}""", 30, 310, 0)]
    // vLLM without details.
    [InlineData("""{"prompt_tokens":7,"total_tokens":10,"completion_tokens":3,"prompt_tokens_details":null}""", 7, 3, 0)]
    public void OtherProviders_OfTheChatApi_AreUnderstood(string usage, long prompt, long completion, long cached)
    {
        TokenCounts counts = Read(Dialect.OpenAIChat, usage);

        Assert.Equal((prompt, completion, cached), (counts.Prompt, counts.Completion, counts.CachedRead));
    }

    [Fact]
    public void Embeddings_HaveNoCompletion()
        => Assert.Equal((8, 0), Read(Dialect.OpenAIEmbeddings, """{"prompt_tokens":8,"total_tokens":8}""") is var counts ? (counts.Prompt, counts.Completion) : default);

    [Theory]
    [InlineData("""{"prompt_tokens":-7,"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":-3}""")]
    [InlineData("""{"prompt_tokens":"7","completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":7.5,"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":1e300}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":99999999999999999999999999}""")]
    [InlineData("""{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}""")]
    [InlineData("""{"prompt_tokens":1000000001,"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":1000000000000000000,"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8}}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":-1}}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":3,"completion_tokens_details":{"reasoning_tokens":4}}""")]
    [InlineData("""{"prompt_tokens":true,"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":[7],"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":7}""")]
    [InlineData("""{"completion_tokens":7}""")]
    [InlineData("{}")]
    public void CountsThatCannotBe_AreUnknown(string usage)
        => Assert.False(Read(Dialect.OpenAIChat, usage).IsKnown);

    [Theory]
    [InlineData("""{"input_tokens":1,"output_tokens":1,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":6}}""")]
    [InlineData("""{"input_tokens":-1,"output_tokens":1}""")]
    [InlineData("""{"input_tokens":1,"output_tokens":1,"cache_read_input_tokens":"5"}""")]
    public void CountsOfMessagesThatCannotBe_AreUnknown(string usage)
        => Assert.False(Read(Dialect.AnthropicMessages, usage).IsKnown);

    [Theory]
    // A page of text, its words, and what images and files may add.
    [InlineData(1500, 200, 4000, 900, true)]
    [InlineData(1_900_000, 200, 100, 900, true)]
    [InlineData(3_000_000, 200, 100, 900, false)]
    [InlineData(3_000_000, 200, 12_000_000, 900, true)]
    [InlineData(100, 999_999_999, 4000, 900, false)]
    public void Counts_FarBeyondTheBytes_AreNotBelieved(long prompt, long completion, long requestBytes, long answerBytes, bool isBelieved)
        => Assert.Equal(isBelieved, UsageLimits.Believe(new TokenCounts(prompt, completion), requestBytes, answerBytes).IsKnown);

    [Theory]
    [InlineData("default", ServiceTier.Standard)]
    [InlineData("flex", ServiceTier.Flex)]
    [InlineData("priority", ServiceTier.Priority)]
    [InlineData("batch", ServiceTier.Batch)]
    [InlineData("scale", ServiceTier.Other)]
    [InlineData("reserved", ServiceTier.Other)]
    public void ServiceTier_IsReadFromTheAnswer(string tier, ServiceTier expected)
        => Assert.Equal(expected, UsageReader.TierOf(tier));

    [Fact]
    public void WebSearches_AreMarkedAsChargedBeside()
    {
        string[] names = ["responses-web-search", "responses-hosted-tools"];
        foreach (Recording recording in Recording.Pairs().SelectMany(pair => new[] { pair.Object, pair.Stream }).Where(item => names.Contains(item.Name)))
        {
            Assert.True(AnswerReaders.TryRead(recording.Body)!.Tokens.Extras.HasFlag(UsageExtras.HostedTools), recording.Name);
        }

        Assert.Equal(UsageExtras.Audio, Read(Dialect.OpenAIChat, """{"prompt_tokens":9,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":5}}""").Extras);
    }

    [Fact]
    public void Searches_ThatAnthropicCounts_AreCounted_InTheObjectAndInTheStream()
    {
        foreach (Recording recording in Recording.Pairs().SelectMany(pair => new[] { pair.Object, pair.Stream }).Where(item => item.Name == "messages-web-search"))
        {
            TokenCounts tokens = AnswerReaders.TryRead(recording.Body)!.Tokens;
            var scanner = new UsageScanner(recording.Body.Dialect, recording.Body.IsStream);
            scanner.Pass(recording.Body.Bytes.Span);

            Assert.Equal((UsageExtras.Searches, 1), (tokens.Extras, tokens.Searches));
            Assert.Equal(tokens, scanner.Counts(isWhole: true));
        }
    }

    [Theory]
    [InlineData("""{"web_search_requests":2}""", 2, UsageExtras.Searches)]
    [InlineData("""{"web_search_requests":2,"web_fetch_requests":1}""", 3, UsageExtras.Searches)]
    [InlineData("""{"web_search_requests":0}""", 0, UsageExtras.None)]
    [InlineData("""{"web_fetch_requests":4}""", 4, UsageExtras.None)]
    // A call that is not counted, one of another kind, and counts that cannot be.
    [InlineData("""{"web_search_requests":2}""", 3, UsageExtras.Searches | UsageExtras.HostedTools)]
    [InlineData("""{"web_search_requests":1,"code_execution_requests":1}""", 2, UsageExtras.Searches | UsageExtras.HostedTools)]
    [InlineData("""{"web_search_requests":-1}""", 0, UsageExtras.HostedTools)]
    [InlineData("""{"web_search_requests":1e18}""", 1, UsageExtras.HostedTools)]
    [InlineData("""{"web_search_requests":"2"}""", 0, UsageExtras.HostedTools)]
    [InlineData("""{"web_search_requests":1.5}""", 1, UsageExtras.HostedTools)]
    [InlineData("null", 1, UsageExtras.HostedTools)]
    [InlineData("7", 0, UsageExtras.None)]
    public void ServerTools_ThatCannotAllBePriced_AreAPart(string counts, int calls, UsageExtras expected)
    {
        HostedTools seen = default;
        for (int i = 0; i < calls; i++)
        {
            seen = seen.With("server_tool_use"u8);
        }

        using JsonDocument document = JsonDocument.Parse($$"""{"input_tokens":5,"output_tokens":1,"server_tool_use":{{counts}}}""");
        TokenCounts tokens = UsageReader.ReadCounts(document.RootElement, Dialect.AnthropicMessages, ServiceTier.Standard, seen);

        Assert.Equal(expected, tokens.Extras);
        Assert.Equal((tokens.Extras & UsageExtras.Searches) != 0, tokens.Searches > 0);
        Assert.Equal((5L, 1L), (tokens.Prompt, tokens.Completion));
    }

    private static TokenCounts Read(Dialect dialect, string usage)
    {
        using JsonDocument document = JsonDocument.Parse(usage);
        return UsageReader.Read(document.RootElement, dialect).Counts;
    }
}
