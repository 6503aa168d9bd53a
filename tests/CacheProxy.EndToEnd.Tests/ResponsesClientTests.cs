using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary><c>/v1/responses</c> with the unmodified openai client.</summary>
public sealed class ResponsesClientTests(Programs programs) : ClientTests(programs, "responses")
{
    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Plain_GetsAResponse(Server server)
    {
        JsonNode answer = await RunAsync(server, "plain");
        Assert.StartsWith("resp_", (string?)answer["id"], StringComparison.Ordinal);
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.Contains((string?)answer["status"], new[] { "completed", "incomplete" });
        Assert.Equal((false, "7"), ((bool)answer["store"]!, (string?)answer["metadata"]!["run"]));
        Assert.Equal((int)answer["usage"]!["total_tokens"]!, (int)answer["usage"]!["input_tokens"]! + (int)answer["usage"]!["output_tokens"]!);
        Assert.NotNull(answer["usage"]!["input_tokens_details"]!["cached_tokens"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Streaming_GetsEveryEventInOrder(Server server)
    {
        JsonNode answer = await RunAsync(server, "stream");
        string end = (string?)answer["status"] == "completed" ? "response.completed" : "response.incomplete";
        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done", end,
            ],
            answer["types"]!.AsArray().Select(type => (string)type!));
        Assert.True((bool)answer["numbered"]! && (int)answer["pieces"]! > 1);
        Assert.Equal((string?)answer["text"], (string?)answer["joined"]);
        Assert.True((int)answer["usage"]!["output_tokens"]! > 0);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_BothModes_GetTheSameText(Server server)
    {
        JsonNode answer = await RunAsync(server, "sameInBothModes");
        AssertSame(answer["whole"]!, answer["streamed"]!, "text", "status", "reason");
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_QuestionOfAChat_GetsItsText(Server server)
    {
        JsonNode answer = await RunAsync(server, "sameAsChat");
        AssertSame(answer["chat"]!, answer["responses"]!, "text");
        Assert.Equal((int)answer["chat"]!["usage"]!["prompt_tokens"]!, (int)answer["responses"]!["usage"]!["input_tokens"]!);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_StreamHelper_Accumulates(Server server)
    {
        JsonNode answer = await RunAsync(server, "streamHelper");
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.Equal((string?)answer["text"], (string?)answer["snapshot"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_JsonSchema_GetsWhatFitsInBothModes(Server server) => AssertAnimals(await RunAsync(server, "jsonSchema"));

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_ItemsOfAConversation_AreUnderstood(Server server)
        => Assert.False(string.IsNullOrWhiteSpace((string?)(await RunAsync(server, "conversation"))["text"]));

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_WhatCannotBeServed_ThrowsTheTypedError(Server server)
    {
        (string Scenario, string Type, int Status, string Param, string Code)[] expected =
        [
            ("stored", "BadRequestError", 400, "store", "unsupported_value"),
            ("previous", "BadRequestError", 400, "previous_response_id", "unsupported_parameter"),
            ("unknownModel", "NotFoundError", 404, "model", "model_not_found"),
            ("tools", "BadRequestError", 400, "tools", "unsupported_parameter"),
            ("image", "BadRequestError", 400, "input[0].content[0]", "unsupported_value"),
            ("tooLong", "BadRequestError", 400, "input", "context_length_exceeded"),
        ];
        foreach ((string scenario, string type, int status, string param, string code) in expected)
        {
            JsonNode error = await RunAsync(server, scenario);
            Assert.Null(error["answered"]);
            Assert.Equal((scenario, type, status, param, code), (scenario, (string?)error["type"], (int)error["status"]!, (string?)error["param"], (string?)error["code"]));
        }
    }
}
