using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary><c>/v1/messages</c> and what belongs to it with the unmodified @anthropic-ai/sdk client.</summary>
public sealed class MessagesClientTests(Programs programs) : ClientTests(programs, "messages")
{
    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Plain_GetsAMessage(Server server)
    {
        JsonNode answer = await RunAsync(server, "plain");
        Assert.StartsWith("msg_", (string?)answer["id"], StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.Contains((string?)answer["reason"], new[] { "end_turn", "max_tokens" });
        Assert.True((int)answer["usage"]!["output_tokens"]! > 0);
        Assert.NotNull(answer["usage"]!["cache_read_input_tokens"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_BlocksWithCacheControl_AreTheSameQuestion(Server server)
        => AssertSame(await RunAsync(server, "plain"), await RunAsync(server, "blocks"), "text", "reason");

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Streaming_GetsEveryEventInOrder(Server server)
    {
        JsonNode answer = await RunAsync(server, "stream");
        Assert.Equal(
            ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"],
            answer["types"]!.AsArray().Select(type => (string)type!));
        Assert.True((int)answer["pieces"]! > 1);
        Assert.NotNull(answer["reason"]);
        Assert.True((int)answer["usage"]!["output_tokens"]! > 0);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_BothModes_GetTheSameText(Server server)
    {
        JsonNode answer = await RunAsync(server, "sameInBothModes");
        AssertSame(answer["whole"]!, answer["streamed"]!, "text", "reason");
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_QuestionOfAChat_GetsItsText(Server server)
    {
        JsonNode answer = await RunAsync(server, "sameAsChat");
        AssertSame(answer["chat"]!, answer["messages"]!, "text");
        JsonNode usage = answer["messages"]!["usage"]!;
        Assert.Equal((int)answer["chat"]!["usage"]!["prompt_tokens"]!, (int)usage["input_tokens"]! + (int)usage["cache_read_input_tokens"]!);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_StreamHelper_Accumulates(Server server)
    {
        JsonNode answer = await RunAsync(server, "streamHelper");
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.Equal((string?)answer["text"], (string?)answer["events"]);
        Assert.NotNull(answer["reason"]);
        Assert.True((int)answer["usage"]!["output_tokens"]! > 0);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_StopSequence_IsNamed(Server server)
    {
        JsonNode answer = await RunAsync(server, "stopSequence");
        JsonNode cut = answer["cut"]!;
        string stop = (string)answer["stop"]!;
        Assert.Equal(("stop_sequence", stop), ((string?)cut["reason"], (string?)cut["stopSequence"]));
        string whole = (string)answer["whole"]!;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], (string?)cut["text"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_JsonSchema_GetsWhatFitsInBothModes(Server server) => AssertAnimals(await RunAsync(server, "jsonSchema"));

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_CountTokens_IsWhatTheRequestTakes(Server server)
    {
        JsonNode answer = await RunAsync(server, "countTokens");
        Assert.Equal((int)answer["taken"]!, (int)answer["counted"]!);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Models_ListsWhatIsServed(Server server)
    {
        JsonNode answer = await RunAsync(server, "models");
        JsonArray list = answer["list"]!.AsArray();
        Assert.Equal(["smollm2-135m-instruct", "all-minilm-l6-v2"], list.Select(item => (string)item!["id"]!));
        Assert.All(list, item => Assert.Equal(((string?)item!["id"], "model"), ((string?)item["name"], (string?)item["type"])));
        Assert.All(list, item => Assert.True(DateTimeOffset.TryParse((string?)item!["created"], System.Globalization.CultureInfo.InvariantCulture, out _)));
        Assert.Equal("smollm2-135m-instruct", (string?)answer["one"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_WhatCannotBeServed_ThrowsTheTypedError(Server server)
    {
        (string Scenario, string Type, int Status, string Kind, string Word)[] expected =
        [
            ("unknownModel", "NotFoundError", 404, "not_found_error", "no-such-model"),
            ("streamRefused", "NotFoundError", 404, "not_found_error", "no-such-model"),
            ("thinking", "BadRequestError", 400, "invalid_request_error", "thinking"),
            ("tools", "BadRequestError", 400, "invalid_request_error", "tools"),
            ("image", "BadRequestError", 400, "invalid_request_error", "messages[0].content[0]"),
            ("emptyMessages", "BadRequestError", 400, "invalid_request_error", "messages"),
            ("tooLong", "BadRequestError", 400, "invalid_request_error", "context length"),
        ];
        foreach ((string scenario, string type, int status, string kind, string word) in expected)
        {
            JsonNode error = await RunAsync(server, scenario);
            Assert.Null(error["answered"]);
            Assert.Equal((scenario, type, status, kind), (scenario, (string?)error["type"], (int)error["status"]!, (string?)error["kind"]));
            Assert.Contains(word, (string?)error["message"], StringComparison.Ordinal);
        }
    }
}
