using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tests.Record;

namespace CacheProxy.Tests.Exchange.Replay;

/// <summary>What the proxy writes for clients of the Messages API, against Anthropic's own specification.</summary>
public class MessagesSchemaTests
{
    private static readonly string[] s_order = ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"];

    [Fact]
    public void WrittenMessages_WhateverRecordedThem_FitTheSpecification()
    {
        AnswerSchema schema = Schema();
        CanonicalAnswer[] answers =
        [
            .. Recording.Pairs().SelectMany(pair => new[] { pair.Object, pair.Stream }).Concat(Recording.Recorded().Where(item => item.Status == 200))
                .Select(item => AnswerReaders.TryRead(item.Body)!),
        ];
        Assert.True(Check(schema, answers) >= 25);
    }

    [Theory]
    [InlineData(Dialect.OpenAIChat)]
    [InlineData(Dialect.OpenAIResponses)]
    [InlineData(Dialect.AnthropicMessages)]
    public void WrittenMessages_OfRandomAnswers_FitTheSpecification(Dialect source)
    {
        AnswerSchema schema = Schema();
        var random = new Random(11);

        Assert.True(Check(schema, Enumerable.Range(0, 500).Select(_ => new RandomAnswer(random, source).Make())) >= 20);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(408)]
    [InlineData(413)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public void WrittenError_FitsTheSpecification(int status)
    {
        byte[] body = MessageError.ToJson(new RequestError("no", null, null, status, RequestError.ServerError), "req_1");

        Assert.Null(Schema().Check("ErrorResponse", Recording.Parse(body)));
    }

    private static int Check(AnswerSchema schema, IEnumerable<CanonicalAnswer> answers)
    {
        int checks = 0;
        foreach (CanonicalAnswer answer in answers.Where(answer => AnswerWriters.CanWrite(answer, Dialect.AnthropicMessages, isStream: true, includeUsage: true)))
        {
            // Reasons to stop that are younger than the specification are not ours to judge.
            if (answer.Events.OfType<AnswerEvent.Finish>().Any(finish => finish.Reason is "model_context_window_exceeded" or "refusal" or "pause_turn"))
            {
                continue;
            }

            Assert.Null(schema.Check("Message", Recording.Parse(AnswerWriters.ToObject(answer, Dialect.AnthropicMessages))));
            JsonObject[] events = [.. StreamEvents.Read(AnswerWriters.ToStream(answer, Dialect.AnthropicMessages, includeUsage: true))];
            foreach (JsonObject item in events)
            {
                Assert.Null(schema.Check("MessageStreamEvent", Recording.Parse(JsonSerializer.SerializeToUtf8Bytes(item))));
            }

            AssertOrder([.. events.Select(item => item["type"]!.GetValue<string>()).Where(type => type != "ping")], events);
            checks++;
        }

        return checks;
    }

    // What no schema says: one start, blocks one after the other and numbered through, one end.
    private static void AssertOrder(string[] types, JsonObject[] events)
    {
        Assert.All(types, type => Assert.Contains(type, s_order));
        Assert.Equal("message_start", types[0]);
        Assert.Equal(["message_delta", "message_stop"], types[^2..]);
        Assert.Single(types, type => type == "message_start");
        Assert.Single(types, type => type == "message_delta");
        int index = -1;
        bool isOpen = false;
        foreach (JsonObject item in events.Where(item => item["type"]!.GetValue<string>().StartsWith("content_block", StringComparison.Ordinal)))
        {
            bool starts = item["type"]!.GetValue<string>() == "content_block_start";
            Assert.NotEqual(starts, isOpen);
            index += starts ? 1 : 0;
            Assert.Equal(index, item["index"]!.GetValue<int>());
            isOpen = item["type"]!.GetValue<string>() != "content_block_stop";
        }

        Assert.False(isOpen);
    }

    private static AnswerSchema Schema()
    {
        Assert.SkipWhen(AnswerSchema.Anthropic is null, "Anthropic's specification is not in the shared folder.");
        return AnswerSchema.Anthropic!;
    }
}
