using System.Text;
using System.Text.Json;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>The check that the other tests rely on, held against what the real server took and refused.</summary>
public sealed class OpenApiContractTests
{
    private readonly OpenApiContract _contract = OpenApiContract.Load();

    [Fact]
    public void RequestsThatTheServerTook_AreValid()
    {
        int count = 0;
        foreach (JsonElement item in new RecordedQdrant().Interactions.Where(item => Status(item) == 200))
        {
            Assert.Null(Check(item.GetProperty("request")));
            count++;
        }

        Assert.InRange(count, 20, 100);
    }

    [Theory]
    [InlineData("02-collections", "unknown distance")]
    [InlineData("02-collections", "negative size")]
    [InlineData("03-payload-index", "unknown type")]
    [InlineData("05-query", "limit 0")]
    public void RequestsThatTheServerRefusedByForm_AreViolations(string file, string title)
        => Assert.NotNull(Check(new RecordedQdrant()[file, title].GetProperty("request")));

    [Theory]
    [InlineData("POST", "/collections/c/points/query", "", """{"query":[0.1],"limit":1,"score_treshold":0.5}""")]
    [InlineData("POST", "/collections/c/points/query", "", """{"query":[0.1],"limit":"1"}""")]
    [InlineData("POST", "/collections/c/points/query", "wait=true", """{"query":[0.1],"limit":1}""")]
    [InlineData("POST", "/collections/c/points/query", "", """{"query":[0.1],"filter":{"must":[{"match":{"value":"x"}}]}}""")]
    [InlineData("PUT", "/collections/c/points", "wait=maybe", """{"points":[{"id":"11111111-2222-4333-8444-000000000001","vector":[1]}]}""")]
    [InlineData("PUT", "/collections/c/points", "", """{"points":[{"id":"no-uuid","vector":[1]}]}""")]
    [InlineData("PUT", "/collections/c/points", "", """{"points":[{"vector":[1]}]}""")]
    [InlineData("PUT", "/collections/c/points", "", "{")]
    [InlineData("PUT", "/collections/c/index", "", """{"field_schema":"keyword"}""")]
    [InlineData("POST", "/collections/c", "", "{}")]
    [InlineData("GET", "/collections/c", "", "{}")]
    public void OtherMistakes_AreViolations(string method, string path, string query, string body)
        => Assert.NotNull(_contract.Check(method, path, query, Encoding.UTF8.GetBytes(body)));

    private string? Check(JsonElement request) => _contract.Check(
        request.GetProperty("method").GetString()!,
        request.GetProperty("path").GetString()!,
        request.GetProperty("query").GetString()!,
        RecordedQdrant.Body(request));

    private static int Status(JsonElement item) => item.GetProperty("response").GetProperty("status").GetInt32();
}
