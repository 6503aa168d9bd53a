using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

/// <summary><c>POST /v1/responses</c> over HTTP.</summary>
public sealed class ResponsesTests : IAsyncLifetime
{
    private const string Path = "/v1/responses";

    private const string Tools = """
        "tools":[
          {"type":"function","name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string","maxLength":12}},"required":["city"],"additionalProperties":false},"strict":true},
          {"type":"function","name":"now"}]
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
    public async Task Whole_StringInput_AnswersWithOneMessage()
    {
        JsonNode answer = await AskAsync("\"input\":\"Hi\",\"instructions\":\"Be terse.\",\"metadata\":{\"run\":\"7\"},\"user\":\"u1\",\"reasoning\":{\"effort\":\"low\"}");

        Assert.Equal("system:Be terse.\u0001user:Hi\u0001", _server.Model.LastPrompt);
        Assert.StartsWith("resp_", (string?)answer["id"], StringComparison.Ordinal);
        Assert.Equal(("response", "completed", "scripted"), ((string?)answer["object"], (string?)answer["status"], (string?)answer["model"]));
        Assert.Equal((false, "Be terse.", "7"), ((bool)answer["store"]!, (string?)answer["instructions"], (string?)answer["metadata"]!["run"]));
        Assert.Null(answer["user"]);
        JsonNode message = Assert.Single(answer["output"]!.AsArray())!;
        Assert.Equal(("message", "assistant", "completed"), ((string?)message["type"], (string?)message["role"], (string?)message["status"]));
        JsonNode part = Assert.Single(message["content"]!.AsArray())!;
        Assert.Equal(("output_text", _server.Model.Answer), ((string?)part["type"], (string?)part["text"]));
        Assert.Empty(part["annotations"]!.AsArray());
        Assert.Empty(part["logprobs"]!.AsArray());
        JsonNode usage = answer["usage"]!;
        Assert.Equal((int)usage["total_tokens"]!, (int)usage["input_tokens"]! + (int)usage["output_tokens"]!);
        Assert.Equal(_server.Model.LastPrompt.Length + 1, (int)usage["input_tokens"]!);
    }

    [Fact]
    public async Task Whole_AskedAgain_CountsWhatWasReused()
    {
        string question = "\"input\":\"" + new string('x', 100) + "\"";
        Assert.Equal(0, Cached(await AskAsync(question)));
        Assert.InRange(Cached(await AskAsync(question)), 64, 106);

        static int Cached(JsonNode answer) => (int)answer["usage"]!["input_tokens_details"]!["cached_tokens"]!;
    }

    [Fact]
    public async Task Stream_Text_HasEveryEventInOrderAndNumbered()
    {
        List<JsonNode?> events = await StreamAsync("\"input\":\"Hi\"");

        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(item => (int)item!["sequence_number"]!));
        string[] types = [.. events.Select(item => (string)item!["type"]!)];
        int deltas = types.Count(type => type == "response.output_text.delta");
        Assert.True(deltas > 5, "the text comes in pieces");
        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                .. Enumerable.Repeat("response.output_text.delta", deltas),
                "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
            ],
            types);
        Assert.Equal(_server.Model.Answer, string.Concat(events.Where(item => (string?)item!["type"] == "response.output_text.delta").Select(item => (string?)item!["delta"])));
        Assert.Equal(_server.Model.Answer, (string?)events[^4]!["text"]);
        Assert.Equal(("in_progress", 0), ((string?)events[0]!["response"]!["status"], events[0]!["response"]!["output"]!.AsArray().Count));
        Assert.Null(events[0]!["response"]!["usage"]);
        JsonNode end = events[^1]!["response"]!;
        Assert.Equal("completed", (string?)end["status"]);
        Assert.Equal(events[^2]!["item"]!.ToJsonString(), Assert.Single(end["output"]!.AsArray())!.ToJsonString());
        Assert.Single(events.Select(item => (string?)item!["item_id"] ?? (string?)item["item"]?["id"]).OfType<string>().Distinct());
        Assert.True((int)end["usage"]!["output_tokens"]! > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Calls_FoundInTheAnswer_AreItemsOfTheirOwn(bool streamed)
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        _server.Model.Answer = Calls;
        string question = "\"input\":\"Weather?\"," + Tools;

        JsonNode answer = streamed ? (await StreamAsync(question))[^1]!["response"]! : await AskAsync(question);

        JsonArray output = answer["output"]!.AsArray();
        Assert.Equal(["message", "function_call", "function_call"], output.Select(item => (string)item!["type"]!));
        Assert.Equal("One moment.", (string?)output[0]!["content"]![0]!["text"]);
        Assert.Equal(["weather", "now"], output.Skip(1).Select(item => (string)item!["name"]!));
        Assert.Equal(["{\"city\": \"Köln\"}", "{}"], output.Skip(1).Select(item => (string)item!["arguments"]!));
        Assert.All(output.Skip(1), item => Assert.StartsWith("call_", (string?)item!["call_id"], StringComparison.Ordinal));
        Assert.All(output.Skip(1), item => Assert.StartsWith("fc_", (string?)item!["id"], StringComparison.Ordinal));
        Assert.Equal("weather\u0001now\u0001user:Weather?\u0001", _server.Model.LastPrompt);
    }

    [Fact]
    public async Task Stream_Calls_HaveTheirEvents()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        _server.Model.Answer = Calls;

        List<JsonNode?> events = await StreamAsync("\"input\":\"Weather?\"," + Tools);

        JsonNode[] call = [.. events.Where(item => (int?)item!["output_index"] == 1).Select(item => item!)];
        Assert.Equal(("response.output_item.added", ""), ((string?)call[0]["type"], (string?)call[0]["item"]!["arguments"]));
        Assert.Equal(("response.function_call_arguments.done", "weather"), ((string?)call[^2]["type"], (string?)call[^2]["name"]));
        Assert.Equal("response.output_item.done", (string?)call[^1]["type"]);
        Assert.Equal((string?)call[^2]["arguments"], string.Concat(call[1..^2].Select(item => (string?)item["delta"])));
        Assert.True(call.Length > 6, "the arguments come in pieces");
        Assert.All(call[1..^1], item => Assert.Equal((string?)call[0]["item"]!["id"], (string?)item["item_id"]));
    }

    [Theory]
    [InlineData("\"required\"", null)]
    [InlineData("{\"type\":\"function\",\"name\":\"now\"}", "now")]
    [InlineData("{\"type\":\"allowed_tools\",\"mode\":\"required\",\"tools\":[{\"type\":\"function\",\"name\":\"now\"}]}", "now")]
    public async Task Whole_CallDemanded_ModelThatWouldTalkCalls(string choice, string? name)
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        _server.Model.Answer = "I would rather talk.";

        JsonNode answer = await AskAsync($"\"input\":\"Weather?\",{Tools},\"temperature\":0,\"max_output_tokens\":200,\"parallel_tool_calls\":false,\"tool_choice\":{choice}");

        JsonNode call = Assert.Single(answer["output"]!.AsArray())!;
        Assert.Equal("function_call", (string?)call["type"]);
        Assert.Equal(name ?? (string?)call["name"], (string?)call["name"]);
        Assert.IsType<JsonObject>(JsonNode.Parse((string)call["arguments"]!));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Length_CutsTheAnswer_IsIncomplete(bool streamed)
    {
        const string Question = "\"input\":\"Hi\",\"max_output_tokens\":4";
        List<JsonNode?> events = streamed ? await StreamAsync(Question) : [];

        JsonNode answer = streamed ? events[^1]!["response"]! : await AskAsync(Question);

        Assert.Equal(("incomplete", "max_output_tokens"), ((string?)answer["status"], (string?)answer["incomplete_details"]!["reason"]));
        Assert.Equal(("incomplete", "Hell"), ((string?)answer["output"]![0]!["status"], (string?)answer["output"]![0]!["content"]![0]!["text"]));
        Assert.Null(answer["completed_at"]);
        Assert.Equal(4, (int)answer["usage"]!["output_tokens"]!);
        Assert.Equal(streamed ? "response.incomplete" : null, (string?)events.LastOrDefault()?["type"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NothingSaid_IsAnEmptyMessage(bool streamed)
    {
        _server.Model.Answer = "";
        List<JsonNode?> events = streamed ? await StreamAsync("\"input\":\"Hi\"") : [];

        JsonNode answer = streamed ? events[^1]!["response"]! : await AskAsync("\"input\":\"Hi\"");

        Assert.Equal("", (string?)Assert.Single(answer["output"]!.AsArray())!["content"]![0]!["text"]);
        Assert.Equal(streamed ? 8 : 0, events.Count);
    }

    [Fact]
    public async Task LogProbs_Included_ComeWithTextAndDeltas()
    {
        const string Question = "\"input\":\"Hi\",\"include\":[\"message.output_text.logprobs\",\"reasoning.encrypted_content\"],\"top_logprobs\":2";
        JsonNode answer = await AskAsync(Question);
        List<JsonNode?> events = await StreamAsync(Question);

        JsonArray whole = answer["output"]![0]!["content"]![0]!["logprobs"]!.AsArray();
        Assert.Equal(2, whole[0]!["top_logprobs"]!.AsArray().Count);
        Assert.Equal(whole.ToJsonString(), events[^1]!["response"]!["output"]![0]!["content"]![0]!["logprobs"]!.ToJsonString());
        Assert.Equal(
            whole.Select(token => (string?)token!["token"]),
            events.Where(item => (string?)item!["type"] == "response.output_text.delta").SelectMany(item => item!["logprobs"]!.AsArray()).Select(token => (string?)token!["token"]));
    }

    [Fact]
    public async Task TextFormat_JsonSchema_AnswerFitsIt()
    {
        _server.Model.Answer = "I would rather talk.";
        JsonNode answer = await AskAsync("""
            "input":"Hi","text":{"format":{"type":"json_schema","name":"trip","strict":true,"schema":
              {"type":"object","properties":{"days":{"type":"integer","minimum":1,"maximum":9}},"required":["days"],"additionalProperties":false}},"verbosity":"low"}
            """);
        Assert.InRange((int)JsonNode.Parse((string)answer["output"]![0]!["content"]![0]!["text"]!)!["days"]!, 1, 9);
        Assert.Equal("trip", (string?)answer["text"]!["format"]!["name"]);
    }

    [Fact]
    public async Task Items_OfAConversation_AreItsMessages()
    {
        _server.Model.ToolFormat = ToolCallFormat.Hermes;
        await AskAsync("""
            "input":[
              {"role":"system","content":"S"},
              {"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]},
              {"type":"reasoning","id":"rs_1","summary":[]},
              {"type":"message","role":"assistant","id":"msg_1","status":"completed","content":[{"type":"output_text","text":"One moment.","annotations":[]}]},
              {"type":"function_call","id":"fc_1","call_id":"c1","name":"weather","arguments":"{}"},
              {"type":"function_call","call_id":"c2","name":"now","arguments":"{}"},
              {"type":"function_call_output","call_id":"c1","output":"rain"},
              {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"noon"}]}]
            """);
        Assert.Equal("system:S\u0001user:a\nb\u0001assistant:One moment.\u0001tool:rain\u0001tool:noon\u0001", _server.Model.LastPrompt);
    }

    [Fact]
    public async Task Truncation_Auto_LeavesOutTheOldestTurns()
    {
        string Turn(int i) => $"{{\"role\":\"user\",\"content\":\"{i}{new string('x', 90)}\"}},{{\"role\":\"assistant\",\"content\":\"ok\"}},";
        string question = $"\"instructions\":\"S\",\"max_output_tokens\":100,\"truncation\":\"auto\",\"input\":[{string.Concat(Enumerable.Range(1, 6).Select(Turn))}{{\"role\":\"user\",\"content\":\"last\"}}]";

        JsonNode answer = await AskAsync(question);

        // Of 110 tokens a turn, two fit beside the first and the last message and the room for the answer.
        Assert.Equal("system:S\u0001".Length + (2 * 110) + "user:last\u0001".Length + 1, (int)answer["usage"]!["input_tokens"]!);
        Assert.Equal("auto", (string?)answer["truncation"]);
    }

    private Task<JsonNode> AskAsync(string fields) => _server.AskAsync(Path, $"{{\"model\":\"scripted\",{fields}}}");

    private Task<List<JsonNode?>> StreamAsync(string fields) => _server.StreamAsync(Path, $"{{\"model\":\"scripted\",\"stream\":true,{fields}}}");
}
