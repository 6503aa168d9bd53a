using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>What an application with an unmodified client sees of the cache: the same answer again, in whichever mode and dialect it asks.</summary>
public sealed class CacheClientTests(Programs programs) : ClientTests(programs, "cache")
{
    [Theory]
    [InlineData("chat")]
    [InlineData("completions")]
    [InlineData("responses")]
    [InlineData("messages")]
    public async Task Client_AskedWholeFirst_BothModesAreExactHits(string dialect)
    {
        JsonNode answer = await RunAsync(Server.Proxy, dialect + "WholeFirst");
        AssertMissed(answer["first"]!);
        foreach (string mode in new[] { "whole", "streamed" })
        {
            AssertHit(answer[mode]!);
            AssertSame(answer["first"]!, answer[mode]!, "id", "text", "reason", "status", "usage");
        }
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("completions")]
    [InlineData("responses")]
    [InlineData("messages")]
    public async Task Client_AskedStreamedFirst_BothModesAreExactHits(string dialect)
    {
        JsonNode answer = await RunAsync(Server.Proxy, dialect + "StreamFirst");
        AssertMissed(answer["first"]!);
        foreach (string mode in new[] { "whole", "streamed" })
        {
            AssertHit(answer[mode]!);
            AssertSame(answer["first"]!, answer[mode]!, "id", "text", "reason", "status", "usage");
        }
    }

    [Fact]
    public async Task Client_ExactHit_TellsItsAgeTimeLeftAndPrefix()
    {
        JsonNode hit = (await RunAsync(Server.Proxy, "chatWholeFirst"))["whole"]!;
        Assert.True(StatusOf(hit).TtlSeconds > 0);
        Assert.True(int.Parse((string)hit["age"]!, System.Globalization.CultureInfo.InvariantCulture) >= 0);
        Assert.NotNull((string?)hit["prefix"]);
    }

    [Fact]
    public async Task Client_RefusedCall_IsNotStored()
        => Assert.All((await RunAsync(Server.Proxy, "refusedTwice")).AsArray(), error => Assert.False(StatusOf(error!).IsHit));

    [Theory]
    [InlineData("acrossDialects", "chat", "responses", "messages")]
    [InlineData("acrossDialectsStreamed", "messages", "chat", "responses", "otherVersion")]
    public async Task Client_AskedInAnotherDialect_IsAnExactHitWithTheSameText(string scenario, string asked, params string[] others)
    {
        JsonNode answer = await RunAsync(Server.Proxy, scenario);
        AssertMissed(answer[asked]!);
        foreach (string other in others)
        {
            AssertHit(answer[other]!);
            AssertSame(answer[asked]!, answer[other]!, "text");
        }
    }

    [Fact]
    public async Task Client_SameEmbeddings_AreTheSameVectorsAgain()
    {
        JsonNode answer = await RunAsync(Server.Proxy, "embeddings");
        AssertMissed(answer["first"]!);
        AssertHit(answer["again"]!);
        AssertSame(answer["first"]!, answer["again"]!, "vectors");
        Assert.Equal(answer["first"]!["vectors"]![1]!.ToJsonString(), answer["partly"]!["vectors"]![0]!.ToJsonString());
    }

    private static void AssertMissed(JsonNode result) => Assert.True(StatusOf(result) is { IsHit: false, Forward: "miss" }, result.ToJsonString());

    private static void AssertHit(JsonNode result) => Assert.True(StatusOf(result) is { IsHit: true, Detail: "exact" }, result.ToJsonString());
}
