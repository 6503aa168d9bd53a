using System.Net;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary>Tool calls over HTTP: found in what the model says, or demanded of it.</summary>
public sealed class ToolCallTests : IAsyncLifetime
{
    private const string Tools = """
        "tools":[
          {"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":12}},"required":["city"],"additionalProperties":false}}},
          {"type":"function","function":{"name":"now"}}]
        """;

    private const string Calls = """
        One moment.
        <tool_call>
        {"name": "weather", "arguments": {"city": "Köln"}}
        </tool_call>
        <tool_call>
        {"name": "now", "arguments": {}}
        </tool_call>
        """;

    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Chat_ModelCalls_AnswerHasTheCalls()
    {
        _server.Model.Answer = Calls;

        JsonNode choice = (await AskAsync(Tools))["choices"]![0]!;

        Assert.Equal("tool_calls", (string?)choice["finish_reason"]);
        Assert.Equal("One moment.", (string?)choice["message"]!["content"]);
        JsonArray calls = choice["message"]!["tool_calls"]!.AsArray();
        Assert.Equal(["weather", "now"], calls.Select(call => (string)call!["function"]!["name"]!));
        Assert.Equal(["{\"city\": \"Köln\"}", "{}"], calls.Select(call => (string)call!["function"]!["arguments"]!));
        Assert.All(calls, call => Assert.StartsWith("call_", (string?)call!["id"], StringComparison.Ordinal));
        Assert.All(calls, call => Assert.Equal("function", (string?)call!["type"]));
        Assert.NotEqual((string?)calls[0]!["id"], (string?)calls[1]!["id"]);
        Assert.StartsWith("weather\u0001now\u0001user:", _server.Model.LastPrompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ModelCallsStreamed_DeltasAddUpToTheCalls()
    {
        _server.Model.Answer = Calls;

        List<JsonNode?> events = await _server.StreamAsync("/v1/chat/completions", $"{{{Request(Tools)},\"stream\":true,\"stream_options\":{{\"include_usage\":true}}}}");

        JsonNode?[] deltas = [.. events.Select(item => item?["choices"]?.AsArray().FirstOrDefault()?["delta"])];
        JsonNode[] calls = [.. deltas.Select(delta => delta?["tool_calls"]?[0]).OfType<JsonNode>()];
        Assert.Equal("One moment.", string.Concat(deltas.Select(delta => (string?)delta?["content"])));
        Assert.Equal(["weather", "now"], calls.Where(call => call["id"] is not null).Select(call => (string)call["function"]!["name"]!));
        Assert.Equal("{\"city\": \"Köln\"}", ArgumentsOf(calls, 0));
        Assert.Equal("{}", ArgumentsOf(calls, 1));
        Assert.True(calls.Length > 8, "the arguments come in pieces");
        Assert.Equal("tool_calls", (string?)events.Single(item => (string?)item?["choices"]?.AsArray().FirstOrDefault()?["finish_reason"] is not null)!["choices"]![0]!["finish_reason"]);
    }

    [Fact]
    public async Task Chat_NotParallel_KeepsTheFirstCall()
    {
        _server.Model.Answer = Calls;

        JsonNode choice = (await AskAsync(Tools + ",\"parallel_tool_calls\":false"))["choices"]![0]!;

        Assert.Equal("weather", (string?)Assert.Single(choice["message"]!["tool_calls"]!.AsArray())!["function"]!["name"]);
    }

    [Fact]
    public async Task Chat_TextDespiteTools_IsText()
    {
        _server.Model.Answer = "It is 5 < 6.";

        JsonNode choice = (await AskAsync(Tools))["choices"]![0]!;

        Assert.Equal(("It is 5 < 6.", "stop"), ((string?)choice["message"]!["content"], (string?)choice["finish_reason"]));
        Assert.Null(choice["message"]!["tool_calls"]);
    }

    [Theory]
    [InlineData("\"required\"", null)]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"now\"}}", "now")]
    [InlineData("{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}", "weather")]
    [InlineData("{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"now\"}}]}}", "now")]
    public async Task Chat_CallDemanded_ModelThatWouldTalkCalls(string choice, string? name)
    {
        _server.Model.Answer = "I would rather talk.";

        JsonNode answer = (await AskAsync($"{Tools},\"temperature\":0,\"max_tokens\":200,\"tool_choice\":{choice}"))["choices"]![0]!;

        Assert.Equal("tool_calls", (string?)answer["finish_reason"]);
        Assert.Null(answer["message"]!["content"]);
        foreach (JsonNode? call in answer["message"]!["tool_calls"]!.AsArray())
        {
            Assert.Equal(name ?? (string?)call!["function"]!["name"], (string?)call!["function"]!["name"]);
            Assert.IsType<JsonObject>(JsonNode.Parse((string)call["function"]!["arguments"]!));
        }
    }

    [Fact]
    public async Task Chat_ToolThatIsNotAllowed_IsShownButItsCallIsText()
    {
        _server.Model.Answer = Calls;

        JsonNode choice = (await AskAsync(
            Tools + ""","tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"now"}}]}}"""))["choices"]![0]!;

        Assert.Equal("now", (string?)Assert.Single(choice["message"]!["tool_calls"]!.AsArray())!["function"]!["name"]);
        Assert.StartsWith("weather\u0001now\u0001user:", _server.Model.LastPrompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ToolChoiceNone_ToolsAreNotShown()
    {
        _server.Model.Answer = Calls;

        JsonNode choice = (await AskAsync(Tools + ",\"tool_choice\":\"none\""))["choices"]![0]!;

        Assert.Equal((Calls, "stop"), ((string?)choice["message"]!["content"], (string?)choice["finish_reason"]));
        Assert.StartsWith("user:", _server.Model.LastPrompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_MistralsFormat_IdsAreOfItsLength()
    {
        _server.Model.ToolFormat = ToolCallFormat.Mistral;
        _server.Model.Answer = "[TOOL_CALLS][{\"name\": \"now\", \"arguments\": {}}]";

        JsonNode choice = (await AskAsync(Tools))["choices"]![0]!;

        Assert.Equal(9, ((string)choice["message"]!["tool_calls"]![0]!["id"]!).Length);
    }

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}", "tool_choice")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]}}", "tool_choice")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}},{\"type\":\"function\",\"function\":{\"name\":\"g\",\"parameters\":{\"not\":{}}}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}", "tools[1].function.parameters.not")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"properties\":{\"a\":{\"not\":{}}}}}}],\"tool_choice\":\"required\"", "tools[0].function.parameters.properties.a.not")]
    public async Task Chat_ToolsThatCannotBeServed_AreRefusedByName(string fields, string param)
    {
        using HttpResponseMessage response = await _server.PostAsync("/v1/chat/completions", $"{{{Request(fields)}}}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        Assert.Equal(param, (string?)error["param"]);
    }

    private static string ArgumentsOf(JsonNode[] calls, int index)
        => string.Concat(calls.Where(call => (int)call["index"]! == index).Select(call => (string?)call["function"]!["arguments"]));

    private static string Request(string fields) => "\"model\":\"scripted\",\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"}]," + fields;

    private Task<JsonNode> AskAsync(string fields) => _server.AskAsync("/v1/chat/completions", $"{{{Request(fields)}}}");
}
