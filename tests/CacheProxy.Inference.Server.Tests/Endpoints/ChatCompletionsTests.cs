using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

public sealed class ChatCompletionsTests
{
    private const string Path = "/v1/chat/completions";
    private const string Answer = "Hello wörld 🌍!";
    private const string Messages = "\"messages\":[{\"role\":\"system\",\"content\":\"Be kind.\"},{\"role\":\"user\",\"content\":\"Hi\"}]";

    [Fact]
    public async Task Post_Plain_AnswersInOpenAIsShape()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync(Path, Body("\"temperature\":0"));
        Assert.StartsWith("chatcmpl-", (string?)answer["id"]);
        Assert.Equal("chat.completion", (string?)answer["object"]);
        Assert.Equal("scripted", (string?)answer["model"]);
        Assert.Equal("fp_scripted", (string?)answer["system_fingerprint"]);
        Assert.InRange((long)answer["created"]!, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        Assert.Equal($$"""[{"index":0,"message":{"role":"assistant","content":"{{Answer}}","refusal":null},"logprobs":null,"finish_reason":"stop"}]""", Json(answer["choices"]));
        int prompt = "system:Be kind._user:Hi__".Length;
        int completion = System.Text.Encoding.UTF8.GetByteCount(Answer) + 1;
        Assert.Equal(
            $$$"""{"prompt_tokens":{{{prompt}}},"completion_tokens":{{{completion}}},"total_tokens":{{{prompt + completion}}},"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0}}""",
            Json(answer["usage"]));
    }

    [Fact]
    public async Task Post_Stream_HasTheEventsOfTheSameAnswer()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<JsonNode?> events = await server.StreamAsync(Path, Body("\"temperature\":0,\"stream\":true"));
        Assert.Null(events[^1]);
        List<JsonNode> chunks = [.. events.OfType<JsonNode>()];
        Assert.Equal(events.Count - 1, chunks.Count);
        Assert.Single(chunks.Select(chunk => (string?)chunk["id"]).Distinct());
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", (string?)chunk["object"]));
        Assert.All(chunks, chunk => Assert.False(chunk.AsObject().ContainsKey("usage")));
        Assert.Equal("""{"role":"assistant","content":"","refusal":null}""", Json(chunks[0]["choices"]![0]!["delta"]));
        Assert.Equal("{}", Json(chunks[^1]["choices"]![0]!["delta"]));
        Assert.Equal("stop", (string?)chunks[^1]["choices"]![0]!["finish_reason"]);
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["choices"]![0]!["finish_reason"]));
        Assert.Equal(Answer, TextOf(chunks));
        Assert.All(chunks, chunk => Assert.DoesNotContain('\uFFFD', (string?)chunk["choices"]![0]!["delta"]!["content"] ?? ""));
        Assert.True(chunks.Count > 10, "the answer did not come in pieces");
    }

    [Fact]
    public async Task Post_StreamWithUsage_EndsWithTheUsageEvent()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<JsonNode?> events = await server.StreamAsync(Path, Body("\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":3"));
        JsonNode last = events[^2]!;
        Assert.Equal("[]", Json(last["choices"]));
        Assert.Equal(3, (int)last["usage"]!["completion_tokens"]!);
        Assert.Equal(0, (int)last["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
        Assert.All(events[..^2], chunk => Assert.True(chunk!.AsObject().ContainsKey("usage") && chunk["usage"] is null));
        Assert.Equal("length", (string?)events[^3]!["choices"]![0]!["finish_reason"]);
    }

    [Theory]
    [InlineData("\"max_tokens\":5", "Hello", "length")]
    [InlineData("\"max_completion_tokens\":8", "Hello w\uFFFD", "length")]
    [InlineData("\"stop\":\"wör\"", "Hello ", "stop")]
    [InlineData("\"stop\":[\"nothing\",\"o\"]", "Hell", "stop")]
    [InlineData("\"top_p\":0,\"min_p\":1,\"top_k\":1,\"seed\":5,\"presence_penalty\":1,\"frequency_penalty\":-1", Answer, "stop")]
    [InlineData("\"model\":\"SCRIPTED\"", Answer, "stop")]
    [InlineData("\"tools\":[],\"tool_choice\":\"none\",\"response_format\":{\"type\":\"text\"},\"modalities\":[\"text\"],\"store\":true,\"metadata\":{\"a\":\"b\"}", Answer, "stop")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"none\"", Answer, "stop")]
    public async Task Post_Parameters_AreHonouredInBothModes(string parameters, string text, string reason)
    {
        await using TestServer server = await TestServer.StartAsync();
        string body = parameters.Contains("model", StringComparison.Ordinal) ? $"{{{parameters},{Messages}}}" : Body(parameters);
        JsonNode choice = (await server.AskAsync(Path, body))["choices"]![0]!;
        Assert.Equal((text, reason), ((string?)choice["message"]!["content"], (string?)choice["finish_reason"]));
        List<JsonNode> chunks = [.. (await server.StreamAsync(Path, body[..^1] + ",\"stream\":true}")).OfType<JsonNode>()];
        Assert.Equal((text, reason), (TextOf(chunks), (string?)chunks[^1]["choices"]![0]!["finish_reason"]));
    }

    [Fact]
    public async Task Post_SeveralChoices_ShareThePromptInUsage()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode answer = await server.AskAsync(Path, Body("\"n\":3,\"seed\":1"));
        Assert.Equal([0, 1, 2], answer["choices"]!.AsArray().Select(choice => (int)choice!["index"]!));
        Assert.All(answer["choices"]!.AsArray(), choice => Assert.Equal(Answer, (string?)choice!["message"]!["content"]));
        int one = System.Text.Encoding.UTF8.GetByteCount(Answer) + 1;
        Assert.Equal((25, 3 * one), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task Post_SeveralChoicesStreamed_EachBeginsAndEndsOnce()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<JsonNode> chunks = [.. (await server.StreamAsync(Path, Body("\"n\":3,\"stream\":true"))).OfType<JsonNode>()];
        for (int index = 0; index < 3; index++)
        {
            List<JsonNode> own = [.. chunks.Where(chunk => (int)chunk["choices"]![0]!["index"]! == index)];
            Assert.Equal(Answer, TextOf(own));
            Assert.Single(own, chunk => chunk["choices"]![0]!["finish_reason"] is not null);
            Assert.Single(own, chunk => chunk["choices"]![0]!["delta"]!["role"] is not null);
        }
    }

    [Fact]
    public async Task Post_SamePromptAgain_ReportsCachedTokensOfTheSameSaltOnly()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync(Path, Body("\"max_tokens\":1"), (HeaderNames.Salt, "a"));
        Assert.Equal(0, Cached(await server.AskAsync(Path, Body("\"max_tokens\":1"), (HeaderNames.Salt, "b"))));
        Assert.Equal(0, Cached(await server.AskAsync(Path, Body("\"max_tokens\":1"))));
        Assert.InRange(Cached(await server.AskAsync(Path, Body("\"max_tokens\":1"), (HeaderNames.Salt, "a"))), 20, 24);
    }

    [Fact]
    public async Task Post_LogProbs_CoverEveryTokenInBothModes()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode whole = (await server.AskAsync(Path, Body("\"logprobs\":true,\"top_logprobs\":2,\"max_tokens\":9")))["choices"]![0]!["logprobs"]!;
        JsonArray tokens = whole["content"]!.AsArray();
        Assert.Equal(9, tokens.Count);
        Assert.Equal("""["H","e","l","l","o"," ","w"]""", Json(new JsonArray([.. tokens.Take(7).Select(token => token!["token"]!.DeepClone())])));
        Assert.Equal([0xC3, 0xB6], tokens.Skip(7).Select(token => (int)token!["bytes"]![0]!));
        Assert.All(tokens, token => Assert.Equal(2, token!["top_logprobs"]!.AsArray().Count));
        Assert.All(tokens, token => Assert.InRange((float)token!["logprob"]!, -0.1f, 0f));
        List<JsonNode> chunks = [.. (await server.StreamAsync(Path, Body("\"logprobs\":true,\"max_tokens\":9,\"stream\":true"))).OfType<JsonNode>()];
        Assert.Equal(9, chunks.Sum(chunk => chunk["choices"]![0]!["logprobs"]?["content"]!.AsArray().Count ?? 0));
    }

    private static string Body(string parameters) => $"{{\"model\":\"scripted\",{Messages},{parameters}}}";

    private static int Cached(JsonNode answer) => (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;

    private static string TextOf(IEnumerable<JsonNode> chunks) => string.Concat(chunks.Select(chunk => (string?)chunk["choices"]![0]!["delta"]!["content"]));

    private static string Json(JsonNode? node)
        => node!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).Replace("\\uD83C\\uDF0D", "🌍", StringComparison.Ordinal);
}
