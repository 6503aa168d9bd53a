using System.Text.Json;
using System.Text.Json.Nodes;

namespace CacheProxy.Inference.Server.Tests.RealModel;

/// <summary>The bundled model, which knows little JSON, at temperature 1: several requests at once, drafts as they come.</summary>
public sealed class StructuredOutputTests(BundledServer server) : IClassFixture<BundledServer>
{
    private const string Schema = """
        {"type":"object","properties":{"title":{"type":"string","maxLength":30},"year":{"type":"integer","minimum":1900,"maximum":2030},
          "kind":{"enum":["book","film","song"]},"tags":{"type":"array","items":{"type":"string","maxLength":8},"maxItems":2}},
         "required":["title","year","kind"],"additionalProperties":false}
        """;

    [Fact]
    public async Task Chat_JsonSchemaAtTemperatureOne_EveryAnswerFits()
    {
        JsonNode[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => server.AskAsync("/v1/chat/completions", new JsonObject
        {
            ["model"] = BundledServer.ChatModel,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Invent a work of art, number {i}, as JSON." }),
            ["temperature"] = 1,
            ["seed"] = i,
            ["n"] = 2,
            ["max_tokens"] = 120,
            ["response_format"] = new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject { ["name"] = "work", ["schema"] = JsonNode.Parse(Schema) },
            },
        })));

        JsonNode?[] choices = [.. answers.SelectMany(answer => answer["choices"]!.AsArray())];
        Assert.Contains(choices, choice => (string?)choice!["finish_reason"] == "stop");
        foreach (JsonNode? choice in choices.Where(choice => (string?)choice!["finish_reason"] == "stop"))
        {
            JsonElement work = JsonElement.Parse((string)choice!["message"]!["content"]!);
            Assert.InRange(work.GetProperty("year").GetInt32(), 1900, 2030);
            Assert.InRange(work.GetProperty("title").GetString()!.EnumerateRunes().Count(), 0, 30);
            Assert.Contains(work.GetProperty("kind").GetString(), (string[])["book", "film", "song"]);
        }
    }
}
