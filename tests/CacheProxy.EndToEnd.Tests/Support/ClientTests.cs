using System.Text.Json.Nodes;
using CacheProxy.Protocol;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>Tests of what an application with an unmodified client sees.</summary>
/// <param name="group">The scenarios' file under <c>clients</c>.</param>
public abstract class ClientTests(Programs programs, string group)
{
    protected async Task<JsonNode> RunAsync(Server server, string scenario) => await NodeClient.RunAsync(await programs.AddressOfAsync(server), group, scenario);

    /// <summary>What the proxy says about an answer.</summary>
    protected static CacheStatus StatusOf(JsonNode result)
    {
        Assert.True(CacheStatus.TryParse((string?)result["cacheStatus"], out IReadOnlyList<CacheStatus>? members), result.ToJsonString());
        return members[^1];
    }

    protected static void AssertSame(JsonNode expected, JsonNode actual, params string[] fields)
    {
        foreach (string field in fields)
        {
            Assert.Equal(expected[field]?.ToJsonString(), actual[field]?.ToJsonString());
        }
    }

    /// <summary>The scenario <c>jsonSchema</c>: an animal with a name and its legs, whole and streamed.</summary>
    protected static void AssertAnimals(JsonNode answer)
    {
        foreach (JsonNode? animal in new[] { answer["parsed"], answer["streamed"] })
        {
            Assert.Equal(2, animal!.AsObject().Count);
            Assert.InRange(((string)animal["name"]!).Length, 0, 40);
            Assert.InRange((int)animal["legs"]!, 0, 8);
        }
    }
}
