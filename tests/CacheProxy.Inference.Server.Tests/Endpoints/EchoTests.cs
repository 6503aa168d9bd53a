using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>The prompt as part of the answer, with what the model thinks of it. A token is a byte; one more ends the prompt.</summary>
public sealed class EchoTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Completion_Echo_PromptComesFirst()
    {
        _server.Model.Answer = "xyz";

        JsonNode answer = await AskAsync("\"prompt\":[\"Grüße\",\"b\"],\"echo\":true,\"n\":2");

        Assert.Equal(["Grüßexyz", "Grüßexyz", "bxyz", "bxyz"], answer["choices"]!.AsArray().Select(choice => (string)choice!["text"]!));
    }

    [Fact]
    public async Task Completion_EchoWithLogProbs_CoversThePromptAlsoWhenItIsCached()
    {
        _server.Model.Answer = "xyz";
        for (int i = 0; i < 2; i++)
        {
            JsonNode answer = await AskAsync("\"prompt\":\"a prompt of several blocks\",\"echo\":true,\"logprobs\":2");

            JsonNode logProbs = answer["choices"]![0]!["logprobs"]!;
            string[] tokens = [.. logProbs["tokens"]!.AsArray().Select(token => (string)token!)];
            Assert.Equal("a prompt of several blocks\u0002xyz", string.Concat(tokens));
            Assert.Null(logProbs["token_logprobs"]![0]);
            Assert.Null(logProbs["top_logprobs"]![0]);
            Assert.All(logProbs["token_logprobs"]!.AsArray().Skip(1), value => Assert.True((float)value! <= 0));
            Assert.Equal(tokens.Length, logProbs["token_logprobs"]!.AsArray().Count);
            Assert.Equal(2, logProbs["top_logprobs"]![1]!.AsObject().Count);

            // Behind the prompt's first token the model is sure of the answer's first character, which is not what follows.
            Assert.True((float)logProbs["token_logprobs"]![1]! < -5);
            Assert.True((float)logProbs["token_logprobs"]![tokens.Length - 1]! > -0.1f);
            Assert.Equal(0, (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
        }
    }

    [Fact]
    public async Task Completion_EchoOfNothingGenerated_IsThePromptAlone()
    {
        JsonNode answer = await AskAsync("\"prompt\":[104,105],\"echo\":true,\"logprobs\":0,\"max_tokens\":0");

        Assert.Equal("hi", (string?)answer["choices"]![0]!["text"]);
        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(2, answer["choices"]![0]!["logprobs"]!["tokens"]!.AsArray().Count);
        Assert.Equal(0, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"logprobs\":1")]
    [InlineData(",\"logprobs\":1,\"max_tokens\":0")]
    public async Task Completion_EchoStreamed_IsTheSameAsWhole(string fields)
    {
        _server.Model.Answer = "xyz";

        JsonNode whole = (await AskAsync("\"prompt\":\"Grüße\",\"echo\":true" + fields))["choices"]![0]!;
        List<JsonNode?> events = await _server.StreamAsync("/v1/completions", "{\"model\":\"scripted\",\"stream\":true,\"prompt\":\"Grüße\",\"echo\":true" + fields + "}");

        JsonNode[] chunks = [.. events.Select(item => item?["choices"]?[0]).OfType<JsonNode>()];
        Assert.Equal((string?)whole["text"], string.Concat(chunks.Select(chunk => (string?)chunk["text"])));
        Assert.Equal((string?)whole["finish_reason"], (string?)chunks[^1]["finish_reason"]);
        foreach (string list in (string[])["tokens", "token_logprobs"])
        {
            Assert.Equal(
                whole["logprobs"]?[list]?.AsArray().Select(value => value?.ToJsonString()) ?? [],
                chunks.SelectMany(chunk => chunk["logprobs"]?[list]?.AsArray() ?? []).Select(value => value?.ToJsonString()));
        }
    }

    private Task<JsonNode> AskAsync(string fields) => _server.AskAsync("/v1/completions", $"{{\"model\":\"scripted\",{fields}}}");
}
