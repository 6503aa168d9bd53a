using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary><c>POST /v1/messages</c> over HTTP.</summary>
public sealed class MessagesTests : IAsyncLifetime
{
    private const string Path = "/v1/messages";
    private const string Hi = "\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private const string Tools = """
        "tools":[
          {"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string","maxLength":12}},"required":["city"],"additionalProperties":false}},
          {"type":"custom","name":"now","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}}]
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

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Whole_Text_IsAMessage()
    {
        JsonNode answer = await AskAsync("\"system\":[{\"type\":\"text\",\"text\":\"Be terse.\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"metadata\":{\"user_id\":\"u\"}," + Hi);

        Assert.Equal("system:Be terse.\u0001user:Hi\u0001", _server.Model.LastPrompt);
        Assert.StartsWith("msg_", (string?)answer["id"], StringComparison.Ordinal);
        Assert.Equal(("message", "assistant", "scripted"), ((string?)answer["type"], (string?)answer["role"], (string?)answer["model"]));
        JsonNode block = Assert.Single(answer["content"]!.AsArray())!;
        Assert.Equal(("text", _server.Model.Answer), ((string?)block["type"], (string?)block["text"]));
        Assert.Equal(("end_turn", null), ((string?)answer["stop_reason"], (string?)answer["stop_sequence"]));
        Assert.Equal(_server.Model.LastPrompt.Length + 1, (int)answer["usage"]!["input_tokens"]!);
        Assert.Equal((0, 0), ((int)answer["usage"]!["cache_read_input_tokens"]!, (int)answer["usage"]!["cache_creation_input_tokens"]!));
        Assert.True((int)answer["usage"]!["output_tokens"]! > 0);
    }

    [Fact]
    public async Task Usage_AskedAgain_TellsWhatWasReadFromTheCacheFromTheStart()
    {
        string question = $"\"max_tokens\":10,\"messages\":[{{\"role\":\"user\",\"content\":\"{new string('x', 100)}\"}}]";
        await AskAsync(question);
        JsonNode whole = (await AskAsync(question))["usage"]!;
        List<JsonNode?> events = await StreamAsync(question);

        Assert.InRange((int)whole["cache_read_input_tokens"]!, 64, 106);
        Assert.Equal(107, (int)whole["input_tokens"]! + (int)whole["cache_read_input_tokens"]!);
        Assert.Equal(whole.ToJsonString(), events[^2]!["usage"]!.ToJsonString());
        JsonNode start = events[0]!["message"]!["usage"]!;
        Assert.Equal((int)whole["cache_read_input_tokens"]!, (int)start["cache_read_input_tokens"]!);
        Assert.Equal((int)whole["input_tokens"]!, (int)start["input_tokens"]!);
        Assert.Equal(0, (int)start["output_tokens"]!);
    }

    [Fact]
    public async Task Stream_Text_HasEveryEventInOrder()
    {
        List<JsonNode?> events = await StreamAsync(Hi);

        string[] types = [.. events.Select(item => (string)item!["type"]!)];
        int deltas = types.Count(type => type == "content_block_delta");
        Assert.True(deltas > 5, "the text comes in pieces");
        Assert.Equal(
            [
                "message_start", "ping", "content_block_start", .. Enumerable.Repeat("content_block_delta", deltas), "content_block_stop", "message_delta",
                "message_stop",
            ],
            types);
        Assert.Equal(_server.Model.Answer, string.Concat(events.Select(item => (string?)item!["delta"]?["text"])));
        JsonNode start = events[0]!["message"]!;
        Assert.Empty(start["content"]!.AsArray());
        Assert.True(start.AsObject().ContainsKey("stop_reason") && start["stop_reason"] is null);
        Assert.Equal("end_turn", (string?)events[^2]!["delta"]!["stop_reason"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StopSequence_EndsTheAnswer_IsNamed(bool streamed)
    {
        const string Question = "\"stop_sequences\":[\"zzz\",\"wör\"]," + Hi;
        JsonNode end = streamed ? (await StreamAsync(Question))[^2]!["delta"]! : await AskAsync(Question);
        Assert.Equal(("stop_sequence", "wör"), ((string?)end["stop_reason"], (string?)end["stop_sequence"]));
    }

    [Theory]
    [InlineData(4, "max_tokens")]
    [InlineData(100_000, "end_turn")]
    public async Task MaxTokens_CutsTheAnswerOrNot(int most, string reason)
        => Assert.Equal(reason, (string?)(await AskAsync(Hi.Replace("100", most.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)))["stop_reason"]);

    [Fact]
    public async Task MaxTokens_BeyondTheContext_EndsThereAndSaysSo()
    {
        _server.Model.Answer = new string('y', 500);

        JsonNode answer = await AskAsync(Hi.Replace("100", "4096", StringComparison.Ordinal));

        Assert.Equal("model_context_window_exceeded", (string?)answer["stop_reason"]);
        Assert.Equal(ScriptedModel.ContextLength, (int)answer["usage"]!["input_tokens"]! + (int)answer["usage"]!["output_tokens"]!);
    }

    [Fact]
    public async Task Calls_FoundInTheAnswer_AreBlocksInBothModes()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        _server.Model.Answer = Calls;
        string question = Tools + "," + Hi.Replace("100", "300", StringComparison.Ordinal);

        JsonNode answer = await AskAsync(question);
        List<JsonNode?> events = await StreamAsync(question);

        Assert.Equal("tool_use", (string?)answer["stop_reason"]);
        Assert.Equal(["text", "tool_use", "tool_use"], answer["content"]!.AsArray().Select(block => (string)block!["type"]!));
        Assert.Equal("Köln", (string?)answer["content"]![1]!["input"]!["city"]);
        Assert.Empty(answer["content"]![2]!["input"]!.AsObject());
        Assert.StartsWith("toolu_", (string?)answer["content"]![1]!["id"], StringComparison.Ordinal);
        Assert.Equal("tool_use", (string?)events[^2]!["delta"]!["stop_reason"]);
        JsonNode[] starts = [.. events.Where(item => (string?)item!["type"] == "content_block_start").Select(item => item!)];
        Assert.Equal([0, 1, 2], starts.Select(item => (int)item["index"]!));
        Assert.Empty(starts[1]["content_block"]!["input"]!.AsObject());
        string[] pieces = [.. events.Where(item => (int?)item!["index"] == 1).Select(item => (string?)item!["delta"]?["partial_json"]).OfType<string>()];
        Assert.True(pieces.Length > 3, "the input comes in pieces");
        Assert.Equal("Köln", (string?)JsonNode.Parse(string.Concat(pieces))!["city"]);
        Assert.Equal("weather\u0001now\u0001user:Hi\u0001", _server.Model.LastPrompt);
    }

    [Theory]
    [InlineData("{\"type\":\"any\",\"disable_parallel_tool_use\":true}", null)]
    [InlineData("{\"type\":\"tool\",\"name\":\"now\"}", "now")]
    public async Task Whole_CallDemanded_ModelThatWouldTalkCalls(string choice, string? name)
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        _server.Model.Answer = "I would rather talk.";

        JsonNode answer = await AskAsync($"{Tools},\"temperature\":0,\"tool_choice\":{choice},{Hi}");

        JsonNode call = Assert.Single(answer["content"]!.AsArray())!;
        Assert.Equal(("tool_use", "tool_use"), ((string?)call["type"], (string?)answer["stop_reason"]));
        Assert.Equal(name ?? (string?)call["name"], (string?)call["name"]);
        Assert.IsType<JsonObject>(call["input"]);
    }

    [Fact]
    public async Task ToolChoiceNone_ToolsAreNotShown()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        await AskAsync(Tools + ",\"tool_choice\":{\"type\":\"none\"}," + Hi);
        Assert.Equal("user:Hi\u0001", _server.Model.LastPrompt);
    }

    [Fact]
    public async Task OutputConfig_JsonSchema_AnswerFitsIt()
    {
        _server.Model.Answer = "I would rather talk.";
        JsonNode answer = await AskAsync("""
            "output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"days":{"type":"integer","minimum":1,"maximum":9}},"required":["days"],"additionalProperties":false}}},
            """ + Hi);
        Assert.InRange((int)JsonNode.Parse((string)answer["content"]![0]!["text"]!)!["days"]!, 1, 9);
    }

    [Fact]
    public async Task Turns_OfAConversation_AreItsMessages()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        await AskAsync("""
            "max_tokens":10,"thinking":{"type":"disabled"},"system":"S","messages":[
              {"role":"user","content":"a"},
              {"role":"user","content":[{"type":"text","text":"b"}]},
              {"role":"assistant","content":[{"type":"thinking","thinking":"…","signature":"x"},{"type":"text","text":"One moment."},
                {"type":"tool_use","id":"t1","name":"weather","input":{"city":"Köln"}},{"type":"tool_use","id":"t2","name":"now","input":{}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"rain"}]},{"type":"tool_result","tool_use_id":"t2","content":"noon","is_error":false},
                {"type":"text","text":"And?"}]}]
            """);
        Assert.Equal("system:S\u0001user:a\nb\u0001assistant:One moment.\u0001tool:rain\u0001tool:noon\u0001user:And?\u0001", _server.Model.LastPrompt);
    }

    [Fact]
    public async Task CountTokens_IsWhatTheSameRequestTakes()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        JsonNode count = await _server.AskAsync(Path + "/count_tokens", "{\"model\":\"scripted\"," + Tools + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        JsonNode answer = await AskAsync(Tools + "," + Hi);
        Assert.Equal((int)answer["usage"]!["input_tokens"]!, (int)count["input_tokens"]!);
    }

    [Fact]
    public async Task Models_AskedByItsClients_AreInItsShape()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("anthropic-version", "2023-06-01");
        using HttpResponseMessage response = await _server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        JsonNode page = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        JsonNode model = page["data"]![0]!;
        Assert.Equal(("model", "scripted", "scripted"), ((string?)model["type"], (string?)model["id"], (string?)model["display_name"]));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1700000000), (DateTimeOffset)model["created_at"]!);
        Assert.Equal((false, "scripted", "words"), ((bool)page["has_more"]!, (string?)page["first_id"], (string?)page["last_id"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LastTurn_OfTheAssistant_IsGoneOnFrom(bool isStream)
    {
        string answer = _server.Model.Answer;
        string fields = $"\"max_tokens\":100,\"messages\":[{{\"role\":\"user\",\"content\":\"Hi\"}},{{\"role\":\"assistant\",\"content\":{JsonValue.Create(answer[..4]).ToJsonString()}}}]";
        string text = isStream
            ? string.Concat((await StreamAsync(fields)).Select(item => (string?)item!["delta"]?["text"]))
            : (string)(await AskAsync(fields))["content"]![0]!["text"]!;

        Assert.Equal(("user:Hi\u0001", answer[..4]), (_server.Model.LastPrompt, _server.Model.LastStart));
        Assert.Equal(answer[4..], text);
    }

    [Fact]
    public async Task LastTurn_OfTheAssistant_ThatEndsInABlank_IsRefused()
    {
        using HttpResponseMessage response = await _server.PostAsync(
            Path, """{"model":"scripted","max_tokens":9,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Well, "}]}""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("trailing whitespace", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private Task<JsonNode> AskAsync(string fields) => _server.AskAsync(Path, $"{{\"model\":\"scripted\",{fields}}}", ("anthropic-version", "2023-06-01"));

    private Task<List<JsonNode?>> StreamAsync(string fields) => _server.StreamAsync(Path, $"{{\"model\":\"scripted\",\"stream\":true,{fields}}}");
}
