using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

public sealed class CompletionsTests
{
    private const string Path = "/v1/completions";

    [Fact]
    public async Task Post_SeveralPromptsAndChoices_ListsThemInOrder()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync(Path, "{\"model\":\"scripted\",\"prompt\":[\"ab\",\"cdef\"],\"n\":2,\"max_tokens\":4}");
        Assert.StartsWith("cmpl-", (string?)answer["id"]);
        Assert.Equal("text_completion", (string?)answer["object"]);
        Assert.Equal([0, 1, 2, 3], answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.All(answer["choices"]!.AsArray(), choice => Assert.Equal("{\"text\":\"Hell\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"length\"}", WithIndexZero(choice!)));
        Assert.Equal((8, 16), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!));
        Assert.Equal(0, (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
    }

    [Fact]
    public async Task Post_TokenPrompt_IsTakenAsItIs()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync(Path, "{\"model\":\"scripted\",\"prompt\":[97,98,2]}");
        Assert.Equal("Hello wörld \uFFFD", (string?)answer["choices"]![0]!["text"]);
        Assert.Equal((3, 16), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task Post_NoTokensWanted_OnlyComputesThePrompt()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync(Path, "{\"model\":\"scripted\",\"prompt\":\"abcdefgh\",\"max_tokens\":0}");
        Assert.Equal(("", "length"), ((string?)answer["choices"]![0]!["text"], (string?)answer["choices"]![0]!["finish_reason"]));
        Assert.Equal(0, (int)answer["usage"]!["completion_tokens"]!);
        JsonNode again = await server.AskAsync(Path, "{\"model\":\"scripted\",\"prompt\":\"abcdefgh\",\"max_tokens\":2}");
        Assert.True((int)again["usage"]!["prompt_tokens_details"]!["cached_tokens"]! > 0);
    }

    [Fact]
    public async Task Post_Stream_HasTheTextTheReasonAndTheUsage()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<JsonNode?> events = await server.StreamAsync(Path, "{\"model\":\"scripted\",\"prompt\":\"a\",\"max_tokens\":100,\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
        Assert.Null(events[^1]);
        Assert.Equal(2, (int)events[^2]!["usage"]!["prompt_tokens"]!);
        Assert.Equal("stop", (string?)events[^3]!["choices"]![0]!["finish_reason"]);
        Assert.Equal("Hello wörld 🌍!", string.Concat(events[..^2].Select(chunk => (string?)chunk!["choices"]![0]!["text"])));
        Assert.All(events[..^1], chunk => Assert.True(chunk!.AsObject().ContainsKey("usage")));
    }

    [Fact]
    public async Task Post_LogProbs_AreParallelLists()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync(Path, "{\"model\":\"scripted\",\"prompt\":\"a\",\"max_tokens\":3,\"logprobs\":2}");
        JsonNode logProbs = answer["choices"]![0]!["logprobs"]!;
        Assert.Equal("[\"H\",\"e\",\"l\"]", logProbs["tokens"]!.ToJsonString());
        Assert.Equal("[0,1,2]", logProbs["text_offset"]!.ToJsonString());
        Assert.Equal(3, logProbs["token_logprobs"]!.AsArray().Count);
        Assert.All(logProbs["top_logprobs"]!.AsArray(), top => Assert.InRange(top!.AsObject().Count, 1, 2));
        Assert.True(logProbs["top_logprobs"]![0]!.AsObject().ContainsKey("H"));
    }

    private static string WithIndexZero(JsonNode choice)
    {
        JsonNode copy = choice.DeepClone();
        copy["index"] = 0;
        return copy.ToJsonString();
    }
}
