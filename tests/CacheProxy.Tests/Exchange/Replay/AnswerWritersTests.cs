using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Tests.Record;

namespace CacheProxy.Tests.Exchange.Replay;

/// <summary>Answers written in every dialect and mode, and read back.</summary>
public class AnswerWritersTests
{
    private static readonly Dialect[] Dialects = [Dialect.OpenAIChat, Dialect.OpenAICompletions, Dialect.OpenAIResponses, Dialect.AnthropicMessages];
    private static readonly AnswerSchema Schema = AnswerSchema.OpenAI;

    public static TheoryData<Dialect> Own => [.. Dialects];

    [Theory]
    [MemberData(nameof(Own))]
    public void RandomAnswers_WrittenInTheirDialect_ReadBackEqual(Dialect dialect)
    {
        var random = new Random(7);
        for (int i = 0; i < 400; i++)
        {
            CanonicalAnswer answer = new RandomAnswer(random, dialect).Make();
            AssertSame(answer, Read(AnswerWriters.ToObject(answer, dialect), dialect, isStream: false));
            AssertSame(answer, Read(AnswerWriters.ToStream(answer, dialect, includeUsage: true), dialect, isStream: true));
        }
    }

    // What may differ: the usage's own JSON, cache writes and reasoning tokens where the dialect does not count them, items that say
    // nothing, and the name of a stop sequence.
    [Theory]
    [MemberData(nameof(Own))]
    public void RandomAnswers_WrittenInOtherDialects_ReadBackEqualOrAreRefused(Dialect source)
    {
        var random = new Random(8);
        int written = 0;
        for (int i = 0; i < 2000; i++)
        {
            CanonicalAnswer answer = new RandomAnswer(random, source).Make();
            foreach (Dialect target in Dialects.Where(other => other != source))
            {
                Assert.Equal(AnswerWriters.CanWrite(answer, target, isStream: true, includeUsage: true), AnswerWriters.CanWrite(answer, target, isStream: false, includeUsage: false));
                if (!AnswerWriters.CanWrite(answer, target, isStream: false, includeUsage: false))
                {
                    continue;
                }

                written++;
                CanonicalAnswer whole = Read(AnswerWriters.ToObject(answer, target), target, isStream: false);
                CanonicalAnswer stream = Read(AnswerWriters.ToStream(answer, target, includeUsage: true), target, isStream: true);
                Assert.Equal(answer.Events.Select(Essence).Where(item => item is not null), whole.Events.Select(Essence));
                Assert.Equal(whole.Events, stream.Events);
                Assert.Equal((answer.Model, whole.UpstreamId), (whole.Model, stream.UpstreamId));
            }
        }

        Assert.True(source == Dialect.OpenAICompletions ? written == 0 : written > 300, $"{written} written");
    }

    [Theory]
    [InlineData("responses-text", Dialect.OpenAIChat, true)]
    [InlineData("responses-text", Dialect.AnthropicMessages, true)]
    [InlineData("responses-text", Dialect.OpenAICompletions, false)]
    [InlineData("responses-parallel-tools", Dialect.OpenAIChat, true)]
    [InlineData("responses-parallel-tools", Dialect.AnthropicMessages, true)]
    [InlineData("responses-reasoning-summary", Dialect.OpenAIChat, false)]
    [InlineData("responses-reasoning-text", Dialect.OpenAIChat, true)]
    [InlineData("responses-reasoning-text", Dialect.AnthropicMessages, false)]
    [InlineData("responses-refusal", Dialect.OpenAIChat, true)]
    [InlineData("responses-refusal", Dialect.AnthropicMessages, false)]
    [InlineData("responses-web-search", Dialect.OpenAIChat, false)]
    [InlineData("responses-hosted-tools", Dialect.OpenAIChat, false)]
    [InlineData("responses-incomplete", Dialect.AnthropicMessages, true)]
    [InlineData("messages-text", Dialect.OpenAIChat, true)]
    [InlineData("messages-text", Dialect.OpenAIResponses, true)]
    [InlineData("messages-parallel-tools", Dialect.OpenAIChat, true)]
    [InlineData("messages-parallel-tools", Dialect.OpenAIResponses, true)]
    [InlineData("messages-thinking", Dialect.OpenAIChat, false)]
    [InlineData("messages-thinking", Dialect.OpenAIResponses, false)]
    [InlineData("messages-citations", Dialect.OpenAIChat, false)]
    [InlineData("messages-web-search", Dialect.OpenAIResponses, false)]
    [InlineData("messages-stop-sequence", Dialect.OpenAIChat, true)]
    [InlineData("messages-stop-sequence", Dialect.OpenAIResponses, false)]
    [InlineData("messages-max-tokens", Dialect.OpenAIResponses, true)]
    public void Recorded_InAnotherDialect_OnlyWhereItIsExact(string name, Dialect target, bool isExact)
    {
        Recording recording = Recording.Pairs().Single(pair => pair.Object.Name == name).Object;
        CanonicalAnswer answer = AnswerReaders.TryRead(recording.Body)!;

        Assert.Equal(isExact, AnswerWriters.CanWrite(answer, target, isStream: false, includeUsage: false));
        Assert.Equal(isExact, AnswerWriters.CanWrite(answer, target, isStream: true, includeUsage: true));
    }

    [Fact]
    public void Usage_OfAnthropic_CountsCachedTokensApart()
    {
        Recording recording = Recording.Pairs().Single(pair => pair.Object.Name == "messages-text").Stream;
        CanonicalAnswer answer = AnswerReaders.TryRead(recording.Body)!;

        JsonElement chat = Recording.Parse(AnswerWriters.ToObject(answer, Dialect.OpenAIChat)).GetProperty("usage");
        Assert.Equal(2125, chat.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(2000, chat.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(2140, chat.GetProperty("total_tokens").GetInt32());
        JsonElement response = Recording.Parse(AnswerWriters.ToObject(answer, Dialect.OpenAIResponses)).GetProperty("usage");
        Assert.Equal(2125, response.GetProperty("input_tokens").GetInt32());
        Assert.Equal(100, response.GetProperty("input_tokens_details").GetProperty("cache_write_tokens").GetInt32());

        CanonicalAnswer back = Read(AnswerWriters.ToObject(answer, Dialect.OpenAIResponses), Dialect.OpenAIResponses, isStream: false);
        JsonElement again = Recording.Parse(AnswerWriters.ToObject(back, Dialect.AnthropicMessages)).GetProperty("usage");
        Assert.Equal((25, 100, 2000, 15), (again.GetProperty("input_tokens").GetInt32(), again.GetProperty("cache_creation_input_tokens").GetInt32(),
            again.GetProperty("cache_read_input_tokens").GetInt32(), again.GetProperty("output_tokens").GetInt32()));
    }

    [Fact]
    public void Ids_InAnotherDialect_HaveItsPrefixAndStay()
    {
        CanonicalAnswer answer = AnswerReaders.TryRead(Recording.Pairs().Single(pair => pair.Object.Name == "messages-parallel-tools").Object.Body)!;

        JsonElement chat = Recording.Parse(AnswerWriters.ToObject(answer, Dialect.OpenAIChat));
        JsonElement response = Recording.Parse(AnswerWriters.ToObject(answer, Dialect.OpenAIResponses));

        Assert.Equal("chatcmpl-01B", chat.GetProperty("id").GetString());
        Assert.Equal("toolu_01", chat.GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("id").GetString());
        Assert.Equal("resp_01B", response.GetProperty("id").GetString());
        Assert.Equal(["msg_01B_0", "fc_01B_1", "fc_01B_2", "fc_01B_3"], response.GetProperty("output").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Equal(AnswerWriters.ToStream(answer, Dialect.OpenAIResponses, false), AnswerWriters.ToStream(answer, Dialect.OpenAIResponses, false));
    }

    [Fact]
    public void Response_FromAnotherDialect_SaysTheRequestsParameters()
    {
        CanonicalAnswer answer = AnswerReaders.TryRead(Recording.Pairs().Single(pair => pair.Object.Name == "messages-text").Object.Body)!;

        JsonElement response = Recording.Parse(AnswerWriters.ToObject(
            answer, Dialect.OpenAIResponses, """{"model":"m","input":"hi","instructions":"Be brief.","temperature":0,"metadata":{"a":"b"},"stream":true}"""u8.ToArray()));

        Assert.Equal("Be brief.", response.GetProperty("instructions").GetString());
        Assert.Equal(0, response.GetProperty("temperature").GetInt32());
        Assert.Equal("b", response.GetProperty("metadata").GetProperty("a").GetString());
        Assert.Equal(1, response.GetProperty("top_p").GetDouble());
        Assert.False(response.TryGetProperty("input", out _));
    }

    [Fact]
    public void ChatStream_WithoutUsage_IsNoObject()
    {
        const string Stream = "data: {\"id\":\"c\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        var body = new RecordedBody(Dialect.OpenAIChat, true, false, "text/event-stream", System.Text.Encoding.UTF8.GetBytes(Stream));
        CanonicalAnswer answer = AnswerReaders.TryRead(body)!;

        Assert.False(AnswerWriters.CanWrite(answer, Dialect.OpenAIChat, isStream: false, includeUsage: false));
        Assert.False(AnswerWriters.CanWrite(answer, Dialect.OpenAIChat, isStream: true, includeUsage: true));
        Assert.True(AnswerWriters.CanWrite(answer, Dialect.OpenAIChat, isStream: true, includeUsage: false));
        Assert.False(AnswerWriters.CanWrite(answer, Dialect.OpenAIResponses, isStream: true, includeUsage: false));
    }

    [Fact]
    public void WrittenAnswers_FitTheSpecification()
    {
        CanonicalAnswer[] answers =
        [
            .. Recording.Pairs().SelectMany(pair => new[] { pair.Object, pair.Stream }).Concat(Recording.Recorded().Where(item => item.Status == 200))
                .Select(item => AnswerReaders.TryRead(item.Body)!),
        ];
        int checks = 0;
        foreach (CanonicalAnswer answer in answers)
        {
            foreach (Dialect target in Dialects.Where(dialect => AnswerWriters.CanWrite(answer, dialect, isStream: true, includeUsage: true)))
            {
                // OpenAI's own bytes are not ours to judge: they lack fields that its specification calls required.
                bool isRecorded = answer.Body.Dialect == target && target is Dialect.OpenAIChat or Dialect.OpenAICompletions;
                AssertFits(
                    target,
                    isRecorded && !answer.Body.IsStream ? null : AnswerWriters.ToObject(answer, target),
                    isRecorded && answer.Body.IsStream ? null : AnswerWriters.ToStream(answer, target, includeUsage: true));
                checks++;
            }
        }

        Assert.True(checks > 70, $"{checks} checked");
    }

    private static void AssertFits(Dialect dialect, byte[]? whole, byte[]? stream)
    {
        string? schema = dialect switch
        {
            Dialect.OpenAIChat => "CreateChatCompletionResponse",
            Dialect.OpenAICompletions => "CreateCompletionResponse",
            Dialect.OpenAIResponses => "Response",
            _ => null,
        };
        if (schema is null)
        {
            return;
        }

        if (whole is not null)
        {
            Assert.Null(Schema.Check(schema, WithoutNulls(JsonNode.Parse(whole)!.AsObject())));
        }

        foreach (JsonElement item in StreamEvents.Read(stream ?? []).Select(WithoutNulls))
        {
            Assert.Null(dialect switch
            {
                Dialect.OpenAIChat => Schema.Check("CreateChatCompletionStreamResponse", item),
                Dialect.OpenAIResponses => Schema.CheckEvent(item),
                _ => null,
            });
        }
    }

    // Null on the wire until the end, and where a server has none: the specification says absent.
    private static JsonElement WithoutNulls(JsonObject item)
    {
        foreach (JsonObject holder in new[] { item, item["response"] as JsonObject ?? item })
        {
            foreach (string name in (string[])["usage", "system_fingerprint"])
            {
                if (holder[name] is null)
                {
                    holder.Remove(name);
                }
            }
        }

        return Recording.Parse(JsonSerializer.SerializeToUtf8Bytes(item));
    }

    private static CanonicalAnswer Read(byte[] bytes, Dialect dialect, bool isStream)
    {
        CanonicalAnswer? answer = AnswerReaders.TryRead(new RecordedBody(dialect, isStream, true, isStream ? "text/event-stream" : "application/json", bytes));
        Assert.NotNull(answer);
        return answer;
    }

    private static void AssertSame(CanonicalAnswer expected, CanonicalAnswer actual)
    {
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal(
            (expected.UpstreamId, expected.Model, expected.CreatedUnixSeconds, expected.SystemFingerprint),
            (actual.UpstreamId, actual.Model, actual.CreatedUnixSeconds, actual.SystemFingerprint));
    }

    private static AnswerEvent? Essence(AnswerEvent item) => item switch
    {
        AnswerEvent.Usage usage => new AnswerEvent.Usage("", usage.PromptTokens, usage.CompletionTokens, usage.CachedTokens),
        AnswerEvent.Item { IsSilent: true } => null,
        AnswerEvent.Finish finish => finish with { Detail = null },
        _ => item,
    };
}
