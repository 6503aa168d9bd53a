using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

public sealed class EmbeddingsTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData(",\"encoding_format\":\"float\",\"dimensions\":3", false)]
    [InlineData(",\"encoding_format\":\"base64\"", true)]
    public async Task Post_Texts_AnswersTheirVectorsInOrder(string parameters, bool isBase64)
    {
        await using TestServer server = await TestServer.StartAsync();
        string[] texts = [.. Enumerable.Range(1, 70).Select(i => new string('x', i) + " y")];
        JsonNode answer = await server.AskAsync("/v1/embeddings", $"{{\"model\":\"words\",\"input\":{JsonSerializer.Serialize(texts)}{parameters}}}");
        Assert.Equal(isBase64 ? JsonValueKind.String : JsonValueKind.Array, answer["data"]![0]!["embedding"]!.GetValueKind());
        EmbeddingList list = answer.Deserialize(OpenAIJson.Default.EmbeddingList)!;
        Assert.Equal(Enumerable.Range(0, 70), list.Data.Select(item => item.Index));
        Assert.All(list.Data, item => Assert.Equal([texts[item.Index].Length, 2f, 1f / 3f], item.Vector.Values));
        Assert.Equal(new EmbeddingUsage(140, 140), list.Usage);
    }

    [Fact]
    public async Task Post_OneString_AnswersOneVector()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync("/v1/embeddings", "{\"model\":\"words\",\"input\":\"a b\"}");
        Assert.Equal("""[{"object":"embedding","index":0,"embedding":[3,2,0.33333334]}]""", answer["data"]!.ToJsonString());
        Assert.Equal("list", (string?)answer["object"]);
    }
}
