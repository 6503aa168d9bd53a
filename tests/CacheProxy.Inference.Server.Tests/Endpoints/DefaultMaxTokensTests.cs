using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>Requests that name no most of tokens: they end all the same.</summary>
public class DefaultMaxTokensTests
{
    private const string Chat = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Theory]
    [InlineData("", 3)]
    [InlineData(",\"max_tokens\":5", 5)]
    [InlineData(",\"max_completion_tokens\":6", 6)]
    [InlineData(",\"min_tokens\":4", 4)]
    public async Task Chat_EndsAtTheDefaultUnlessItSaysOtherwise(string extra, int expected)
    {
        await using TestServer server = await StartAsync(3);

        JsonNode answer = await server.AskAsync("/v1/chat/completions", $"{{\"model\":\"scripted\",{Chat}{extra}}}");

        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.Equal(expected, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task Responses_EndAtTheDefaultAsIncomplete()
    {
        await using TestServer server = await StartAsync(3);

        JsonNode answer = await server.AskAsync("/v1/responses", """{"model":"scripted","input":"Hi","store":false}""");

        Assert.Equal(("incomplete", "max_output_tokens"), ((string?)answer["status"], (string?)answer["incomplete_details"]!["reason"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1_000_000)]
    public async Task Default_BeyondTheContext_IsWhatTheContextHasRoomFor(int? most)
    {
        await using TestServer server = await StartAsync(most);

        JsonNode answer = await server.AskAsync("/v1/chat/completions", $"{{\"model\":\"scripted\",{Chat}}}");

        Assert.Equal(("stop", server.Model.Answer), ((string?)answer["choices"]![0]!["finish_reason"], (string?)answer["choices"]![0]!["message"]!["content"]));
    }

    private static Task<TestServer> StartAsync(int? most) => TestServer.StartAsync(beforeLoad: model =>
    {
        model.DefaultMaxTokens = most;
        return Task.CompletedTask;
    });
}
