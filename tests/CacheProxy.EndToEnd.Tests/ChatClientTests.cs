using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>Chat, completions, embeddings and models with the unmodified openai client, whichever of the programs it talks to.</summary>
public sealed class ChatClientTests(Programs programs) : ClientTests(programs, "chat")
{
    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Plain_GetsAnAnswer(Server server)
    {
        JsonNode answer = await RunAsync(server, "plain");
        Assert.StartsWith("chatcmpl-", (string?)answer["id"]);
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.Contains((string?)answer["reason"], new[] { "stop", "length" });
        Assert.NotNull(answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Streaming_GetsPiecesAReasonAndUsage(Server server)
    {
        JsonNode answer = await RunAsync(server, "stream");
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.True((int)answer["pieces"]! >= 1);
        Assert.NotNull(answer["reason"]);
        Assert.True((int)answer["usage"]!["completion_tokens"]! > 0);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_BothModes_GetTheSameText(Server server)
    {
        JsonNode answer = await RunAsync(server, "sameInBothModes");
        Assert.Equal((string?)answer["whole"]!["text"], (string?)answer["streamed"]!["text"]);
        Assert.Equal((string?)answer["whole"]!["reason"], (string?)answer["streamed"]!["reason"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_StreamHelper_Accumulates(Server server)
    {
        JsonNode answer = await RunAsync(server, "streamHelper");
        Assert.False(string.IsNullOrWhiteSpace((string?)answer["text"]));
        Assert.NotNull(answer["reason"]);
    }

    [Theory]
    [InlineData(Server.Backend, "tools", "BadRequestError", 400, "tools", "unsupported_parameter")]
    [InlineData(Server.Proxy, "tools", "BadRequestError", 400, "tools", "unsupported_parameter")]
    [InlineData(Server.Backend, "toolsStreamed", "BadRequestError", 400, "tools", "unsupported_parameter")]
    [InlineData(Server.Proxy, "toolsStreamed", "BadRequestError", 400, "tools", "unsupported_parameter")]
    [InlineData(Server.Backend, "jsonSchemaRefused", "BadRequestError", 400, "response_format.json_schema.schema.not", "invalid_value")]
    [InlineData(Server.Proxy, "jsonSchemaRefused", "BadRequestError", 400, "response_format.json_schema.schema.not", "invalid_value")]
    [InlineData(Server.Backend, "unknownModel", "NotFoundError", 404, "model", "model_not_found")]
    [InlineData(Server.Proxy, "unknownModel", "NotFoundError", 404, "model", "model_not_found")]
    [InlineData(Server.Backend, "emptyMessages", "BadRequestError", 400, "messages", "empty_array")]
    [InlineData(Server.Proxy, "emptyMessages", "BadRequestError", 400, "messages", "empty_array")]
    [InlineData(Server.Backend, "negativeMaxTokens", "BadRequestError", 400, "max_completion_tokens", "integer_below_min_value")]
    [InlineData(Server.Proxy, "negativeMaxTokens", "BadRequestError", 400, "max_completion_tokens", "integer_below_min_value")]
    [InlineData(Server.Backend, "tooLong", "BadRequestError", 400, "messages", "context_length_exceeded")]
    [InlineData(Server.Backend, "completionRefused", "BadRequestError", 400, "suffix", "unsupported_parameter")]
    [InlineData(Server.Proxy, "completionRefused", "BadRequestError", 400, "suffix", "unsupported_parameter")]
    [InlineData(Server.Backend, "embeddingsRefused", "BadRequestError", 400, "input", "empty_array")]
    [InlineData(Server.Proxy, "embeddingsRefused", "BadRequestError", 400, "input", "empty_array")]
    [InlineData(Server.Proxy, "tooLong", "BadRequestError", 400, "messages", "context_length_exceeded")]
    public async Task Client_WhatCannotBeServed_ThrowsTheTypedError(Server server, string scenario, string type, int status, string param, string code)
    {
        JsonNode error = await RunAsync(server, scenario);
        Assert.Null(error["answered"]);
        Assert.Equal((type, status, param, code), ((string?)error["type"], (int)error["status"]!, (string?)error["param"], (string?)error["code"]));
        Assert.Equal("invalid_request_error", (string?)error["kind"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_JsonSchema_GetsWhatFitsInBothModes(Server server) => AssertAnimals(await RunAsync(server, "jsonSchema"));

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_LogitBias_GetsTheBiasedToken(Server server)
    {
        string text = (string)(await RunAsync(server, "logitBias"))["text"]!;
        Assert.Equal(string.Concat(Enumerable.Repeat(text[..(text.Length / 5)], 5)), text);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_AbortsAStream_TheNextCallIsServed(Server server)
        => Assert.False(string.IsNullOrWhiteSpace((string?)(await RunAsync(server, "aborted"))["next"]!["text"]));

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Embeddings_DecodesThem(Server server)
    {
        JsonNode answer = await RunAsync(server, "embeddings");
        Assert.Equal("[384,384]", answer["lengths"]!.ToJsonString());
        Assert.Equal(1, (double)answer["norm"]!, 3);
        Assert.True((bool)answer["same"]!, "both encodings hold the same numbers");
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Models_ListsWhatIsServed(Server server)
    {
        JsonNode answer = await RunAsync(server, "models");
        Assert.Equal("[\"smollm2-135m-instruct\",\"all-minilm-l6-v2\"]", answer["ids"]!.ToJsonString());
        Assert.Equal("smollm2-135m-instruct", (string?)answer["one"]);
    }

    [Theory]
    [InlineData(Server.Backend)]
    [InlineData(Server.Proxy)]
    public async Task Client_Completions_AreTheSameInBothModes(Server server)
    {
        JsonNode answer = await RunAsync(server, "completion");
        Assert.StartsWith(" Paris", (string?)answer["text"], StringComparison.Ordinal);
        Assert.Equal((string?)answer["text"], (string?)answer["streamed"]);
        Assert.True((int)answer["usage"]!["completion_tokens"]! > 0);
    }
}
