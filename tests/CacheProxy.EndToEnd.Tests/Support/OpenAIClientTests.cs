using System.Text.Json.Nodes;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>What an application with the unmodified openai client must see, whichever of the programs it talks to.</summary>
public abstract class OpenAIClientTests
{
    protected abstract Uri Address { get; }

    [Fact]
    public async Task Client_Plain_GetsAnAnswer()
    {
        JsonNode answer = await RunAsync("plain");
        Assert.StartsWith("chatcmpl-", (string?)answer["id"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.Contains((string?)answer["reason"], new[] { "stop", "length" });
        Assert.NotNull(answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
    }

    [Fact]
    public async Task Client_Streaming_GetsPiecesAReasonAndUsage()
    {
        JsonNode answer = await RunAsync("stream");
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.True((int)answer["pieces"]! >= 1);
        Assert.NotNull(answer["reason"]);
        Assert.True((int)answer["usage"]!["completion_tokens"]! > 0);
    }

    [Fact]
    public async Task Client_BothModes_GetTheSameText()
    {
        JsonNode answer = await RunAsync("sameInBothModes");
        Assert.Equal((string?)answer["whole"]!["text"], (string?)answer["streamed"]!["text"]);
        Assert.Equal((string?)answer["whole"]!["reason"], (string?)answer["streamed"]!["reason"]);
    }

    [Fact]
    public async Task Client_StreamHelper_Accumulates()
    {
        JsonNode answer = await RunAsync("streamHelper");
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.NotNull(answer["reason"]);
    }

    [Theory]
    [InlineData("tools", "BadRequestError", 400, "tools", "unsupported_parameter")]
    [InlineData("toolsStreamed", "BadRequestError", 400, "tools", "unsupported_parameter")]
    [InlineData("jsonSchemaRefused", "BadRequestError", 400, "response_format.json_schema.schema.not", "invalid_value")]
    [InlineData("unknownModel", "NotFoundError", 404, "model", "model_not_found")]
    [InlineData("emptyMessages", "BadRequestError", 400, "messages", "empty_array")]
    [InlineData("negativeMaxTokens", "BadRequestError", 400, "max_completion_tokens", "integer_below_min_value")]
    [InlineData("tooLong", "BadRequestError", 400, "messages", "context_length_exceeded")]
    public async Task Client_WhatCannotBeServed_ThrowsTheTypedError(string scenario, string type, int status, string param, string code)
    {
        JsonNode error = await RunAsync(scenario);
        Assert.Null(error["answered"]);
        Assert.Equal((type, status, param, code), ((string?)error["type"], (int)error["status"]!, (string?)error["param"], (string?)error["code"]));
        Assert.Equal("invalid_request_error", (string?)error["kind"]);
    }

    [Fact]
    public async Task Client_JsonSchema_GetsWhatFitsInBothModes()
    {
        JsonNode answer = await RunAsync("jsonSchema");
        foreach (JsonNode? animal in new[] { answer["parsed"], answer["streamed"] })
        {
            Assert.Equal(2, animal!.AsObject().Count);
            Assert.InRange(((string)animal["name"]!).Length, 0, 40);
            Assert.InRange((int)animal["legs"]!, 0, 8);
        }
    }

    [Fact]
    public async Task Client_LogitBias_GetsTheBiasedToken()
    {
        string text = (string)(await RunAsync("logitBias"))["text"]!;
        Assert.Equal(string.Concat(Enumerable.Repeat(text[..(text.Length / 5)], 5)), text);
    }

    [Fact]
    public async Task Client_AbortsAStream_TheNextCallIsServed()
        => Assert.False(string.IsNullOrWhiteSpace((string?)(await RunAsync("aborted"))["next"]!["text"]));

    [Fact]
    public async Task Client_Embeddings_DecodesThem()
    {
        JsonNode answer = await RunAsync("embeddings");
        Assert.Equal("[384,384]", answer["lengths"]!.ToJsonString());
        Assert.Equal(1, (double)answer["norm"]!, 3);
    }

    [Fact]
    public async Task Client_Models_ListsWhatIsServed()
    {
        JsonNode answer = await RunAsync("models");
        Assert.Equal("[\"smollm2-135m-instruct\",\"all-minilm-l6-v2\"]", answer["ids"]!.ToJsonString());
        Assert.Equal("smollm2-135m-instruct", (string?)answer["one"]);
    }

    protected Task<JsonNode> RunAsync(string scenario) => NodeClient.RunAsync(Address, scenario);
}
