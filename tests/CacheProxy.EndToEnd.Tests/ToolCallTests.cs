using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>Tool calls as an application with the unmodified openai client gets them, from the backend and through the proxy.</summary>
public sealed class ToolCallTests(ToolPrograms programs) : IClassFixture<ToolPrograms>
{
    [Theory]
    [InlineData("toolNamed", "get_weather", false)]
    [InlineData("toolRequired", null, false)]
    [InlineData("toolNamed", "get_weather", true)]
    [InlineData("toolRequired", null, true)]
    public async Task Client_DemandedCall_ComesInBothModes(string scenario, string? name, bool throughProxy)
    {
        JsonNode answer = await NodeClient.RunAsync(throughProxy ? programs.Proxy : programs.Backend, scenario);

        foreach (string mode in new[] { "streamed", "whole" })
        {
            JsonNode result = answer[mode]!;
            Assert.Equal("tool_calls", (string?)result["reason"]);
            JsonNode call = Assert.Single(result["calls"]!.AsArray())!;
            Assert.StartsWith("call_", (string?)call["id"]);
            Assert.Contains((string?)call["name"], name is null ? new[] { "get_weather", "get_time" } : [name]);
            JsonObject arguments = JsonNode.Parse((string)call["arguments"]!)!.AsObject();
            Assert.InRange(((string)arguments["city"]!).EnumerateRunes().Count(), 0, 12);
        }

        Assert.True((int)answer["streamed"]!["pieces"]! > 1, "the arguments came in one piece");
        Assert.Equal(ArgumentsOf(answer["streamed"]!), ArgumentsOf(answer["whole"]!));
    }

    [Fact]
    public async Task Client_SameCallThroughTheProxy_WholeIsAnExactHitOnTheStreamedOne()
    {
        JsonNode answer = await NodeClient.RunAsync(programs.Proxy, "toolRepeated");

        Assert.False(StatusOf(answer["streamed"]!).IsHit);
        CacheStatus hit = StatusOf(answer["whole"]!);
        Assert.True(hit is { IsHit: true, Detail: "exact" }, hit.ToString());
        Assert.Equal(answer["streamed"]!["calls"]!.ToJsonString(), answer["whole"]!["calls"]!.ToJsonString());
        Assert.Equal("tool_calls", (string?)answer["whole"]!["reason"]);
    }

    private static string? ArgumentsOf(JsonNode result) => (string?)result["calls"]![0]!["arguments"];

    private static CacheStatus StatusOf(JsonNode result)
    {
        Assert.True(CacheStatus.TryParse((string?)result["cacheStatus"], out IReadOnlyList<CacheStatus>? members), result.ToJsonString());
        return members[^1];
    }
}
