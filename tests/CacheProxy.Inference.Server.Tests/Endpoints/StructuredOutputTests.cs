using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>A model that would say something else is held to the format.</summary>
public sealed class StructuredOutputTests : IAsyncLifetime
{
    private const string Schema = """
        {"type":"object","properties":{"city":{"type":"string","maxLength":8},"days":{"type":"integer","minimum":1,"maximum":9}},"required":["city","days"],"additionalProperties":false}
        """;

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"trip\",\"strict\":true,\"schema\":$}}")]
    [InlineData("\"guided_json\":$")]
    [InlineData("\"structured_outputs\":{\"json\":$}")]
    [InlineData("\"n\":3,\"temperature\":2,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"trip\",\"schema\":$}}")]
    public async Task Chat_JsonSchema_AnswerFitsIt(string field)
    {
        _server.Model.Answer = "I would rather talk about the weather than answer in JSON.";

        JsonNode answer = await AskAsync(field.Replace("$", Schema, StringComparison.Ordinal));

        foreach (JsonNode? choice in answer["choices"]!.AsArray())
        {
            Assert.Equal("stop", (string?)choice!["finish_reason"]);
            JsonNode trip = JsonNode.Parse((string)choice["message"]!["content"]!)!;
            Assert.InRange((int)trip["days"]!, 1, 9);
            Assert.InRange(((string)trip["city"]!).Length, 0, 8);
            Assert.Equal(2, trip.AsObject().Count);
        }
    }

    [Fact]
    public async Task Chat_JsonTheModelWants_IsLeftAlone()
    {
        _server.Model.Answer = "{\"city\": \"Köln 🌍\", \"days\": 3}";

        JsonNode answer = await AskAsync($"\"response_format\":{{\"type\":\"json_schema\",\"json_schema\":{{\"name\":\"trip\",\"schema\":{Schema}}}}},\"logprobs\":true");

        Assert.Equal(_server.Model.Answer, (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.NotEmpty(answer["choices"]![0]!["logprobs"]!["content"]!.AsArray());
    }

    [Fact]
    public async Task Chat_JsonObjectStreamed_IsAnObject()
    {
        _server.Model.Answer = "{\"a\": [1, {\"b\": null}]} and more that cannot follow";

        List<JsonNode?> events = await _server.StreamAsync(
            "/v1/chat/completions",
            """{"model":"scripted","stream":true,"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""");

        string text = string.Concat(events.Select(item => (string?)item?["choices"]?[0]?["delta"]?["content"]));
        Assert.Equal("{\"a\": [1, {\"b\": null}]}", text);
        Assert.Contains(events, item => (string?)item?["choices"]?[0]?["finish_reason"] == "stop");
    }

    [Fact]
    public async Task Chat_MaxTokensInTheMiddle_IsLength()
    {
        _server.Model.Answer = "{\"city\": \"abc\"";

        JsonNode answer = await AskAsync($"\"guided_json\":{Schema},\"max_tokens\":6");

        Assert.Equal("length", (string?)answer["choices"]![0]!["finish_reason"]);
        Assert.ThrowsAny<JsonException>(() => { JsonDocument.Parse((string)answer["choices"]![0]!["message"]!["content"]!); });
    }

    [Fact]
    public async Task Completion_ChoiceAndRegex_AreHeld()
    {
        _server.Model.Answer = "maybe";

        JsonNode choice = await _server.AskAsync("/v1/completions", """{"model":"scripted","prompt":"x","guided_choice":["yes","no"]}""");
        JsonNode number = await _server.AskAsync("/v1/completions", """{"model":"scripted","prompt":"x","structured_outputs":{"regex":"\\d{3}-[ab]"}}""");

        Assert.Contains((string)choice["choices"]![0]!["text"]!, (string[])["yes", "no"]);
        Assert.Matches("^\\d{3}-[ab]$", (string)number["choices"]![0]!["text"]!);
    }

    [Fact]
    public async Task Chat_MinTokensAndIgnoreEos_EndWithTheDocument()
    {
        _server.Model.Answer = "no";

        JsonNode answer = await AskAsync("\"guided_choice\":[\"yes\",\"no\"],\"ignore_eos\":true,\"min_tokens\":20,\"max_tokens\":40");

        Assert.Equal("no", (string?)answer["choices"]![0]!["message"]!["content"]);
        Assert.Equal("stop", (string?)answer["choices"]![0]!["finish_reason"]);
    }

    private Task<JsonNode> AskAsync(string fields)
        => _server.AskAsync("/v1/chat/completions", $$"""{"model":"scripted","messages":[{"role":"user","content":"tell"}],{{fields}}}""");
}
