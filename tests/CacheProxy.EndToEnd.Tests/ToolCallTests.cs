using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>Tool calls as an application with the unmodified clients gets them, from the backend and through the proxy.</summary>
public sealed class ToolCallTests(Programs programs) : ClientTests(programs, "tools")
{
    [Theory]
    [InlineData(Server.ToolBackend)]
    [InlineData(Server.ToolProxy)]
    public async Task Client_DemandedCall_ComesInBothModesOfEachDialect(Server server)
    {
        (string Scenario, string? Name, string IdPrefix, string Reason)[] expected =
        [
            ("chatNamed", "get_weather", "call_", "tool_calls"),
            ("chatRequired", null, "call_", "tool_calls"),
            ("responsesNamed", "get_weather", "call_", "completed"),
            ("responsesRequired", null, "call_", "completed"),
            ("messagesNamed", "get_weather", "toolu_", "tool_use"),
            ("messagesRequired", null, "toolu_", "tool_use"),
        ];
        foreach ((string scenario, string? name, string prefix, string reason) in expected)
        {
            JsonNode answer = await RunAsync(server, scenario);
            foreach (string mode in new[] { "streamed", "whole" })
            {
                JsonNode result = answer[mode]!;
                Assert.Equal(reason, (string?)result["reason"] ?? (string?)result["status"]);
                JsonNode call = Assert.Single(result["calls"]!.AsArray())!;
                Assert.StartsWith(prefix, (string?)call["id"], StringComparison.Ordinal);
                Assert.Contains((string?)call["name"], name is null ? new[] { "get_weather", "get_time" } : [name]);
                Assert.InRange(((string)ArgumentsOf(call)["city"]!).EnumerateRunes().Count(), 0, 12);
            }

            Assert.True((int)answer["streamed"]!["argumentPieces"]! > 1, $"{scenario}: the arguments came in one piece");
            Assert.Equal(ArgumentsOf(answer["streamed"]!["calls"]![0]!).ToJsonString(), ArgumentsOf(answer["whole"]!["calls"]![0]!).ToJsonString());
        }
    }

    [Theory]
    [InlineData(Server.ToolBackend)]
    [InlineData(Server.ToolProxy)]
    public async Task Client_CallThatWasAnswered_GetsTheNextTurnInEachDialect(Server server)
    {
        string? text = (string?)(await RunAsync(server, "chatAnswered"))["text"];
        Assert.False(string.IsNullOrEmpty(text));
        Assert.Equal(text, (string?)(await RunAsync(server, "responsesAnswered"))["text"]);
        Assert.Equal(text, (string?)(await RunAsync(server, "messagesAnswered"))["text"]);
    }

    [Theory]
    [InlineData(Server.ToolBackend)]
    [InlineData(Server.ToolProxy)]
    public async Task Client_StreamHelpers_AccumulateTheCall(Server server)
    {
        foreach (string scenario in new[] { "responsesHelper", "messagesHelper" })
        {
            JsonNode call = await RunAsync(server, scenario);
            Assert.Equal("get_weather", (string?)call["name"]);
            Assert.NotNull(call["parsed"]!["city"]);
        }
    }

    [Fact]
    public async Task Client_SameCallThroughTheProxy_WholeIsAnExactHitOnTheStreamedOne()
    {
        JsonNode answer = await RunAsync(Server.ToolProxy, "chatRepeated");

        Assert.False(StatusOf(answer["streamed"]!).IsHit);
        CacheStatus hit = StatusOf(answer["whole"]!);
        Assert.True(hit is { IsHit: true, Detail: "exact" }, hit.ToString());
        AssertSame(answer["streamed"]!, answer["whole"]!, "calls", "reason");
        Assert.Equal("tool_calls", (string?)answer["whole"]!["reason"]);
    }

    private static JsonNode ArgumentsOf(JsonNode call) => call["input"] ?? JsonNode.Parse((string)call["arguments"]!)!;
}
