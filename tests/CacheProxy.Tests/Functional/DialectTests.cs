using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Every dialect through the whole proxy: answered in its own shape, errors too, whatever other dialects have asked before.</summary>
public class DialectTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Completions = "/v1/completions";
    private const string Responses = "/v1/responses";
    private const string Messages = "/v1/messages";

    private static readonly Dictionary<string, string> Questions = new()
    {
        [Chat] = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""",
        [Completions] = """{"model":"m","max_tokens":9,"prompt":"hi"}""",
        [Responses] = """{"model":"m","max_output_tokens":9,"input":"hi"}""",
        [Messages] = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""",
    };

    /// <summary>What a provider answers on each path.</summary>
    internal static readonly Dictionary<string, string> Shapes = new()
    {
        [Chat] = Answers.Object("hello"),
        [Completions] = """{"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"m","choices":[{"index":0,"text":"hello","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""",
        [Responses] = """{"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,"incomplete_details":null,"model":"m","output":[{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}],"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":0},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":10}}""",
        [Messages] = """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}}""",
    };

    public static TheoryData<string> Paths => new(Questions.Keys);

    [Theory]
    [InlineData(Chat, Responses, Messages)]
    [InlineData(Messages, Chat, Responses)]
    [InlineData(Responses, Messages, Chat)]
    public async Task OneQuestion_InThreeDialects_IsAnsweredInEachOnesShape(params string[] order)
    {
        await using ProxyUnderTest proxy = await StartAsync();

        foreach (string path in order.Concat(order))
        {
            Reply reply = await proxy.PostAsync(path, Questions[path]);

            Assert.Equal(200, reply.Status);
            Assert.Equal("hello", TextOf(path, reply.Json));
        }

        Assert.Equal(order[0], Assert.Single(proxy.Upstream.Requests).Path);
    }

    [Fact]
    public async Task Sharing_SwitchedOff_AsksForEveryDialect()
    {
        await using ProxyUnderTest proxy = await StartAsync(new() { ["Exact:ShareDialects"] = "false" });

        foreach (string path in Questions.Keys.Concat(Questions.Keys))
        {
            await proxy.PostAsync(path, Questions[path]);
        }

        Assert.Equal(Questions.Keys, proxy.Upstream.Requests.Select(request => request.Path));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Request_ThatTheCacheMustNotTouch_ReachesTheUpstreamAsItIs(string path)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        string body = Questions[path][..^1] + ",\"temperature\":1.5, \"temperature\":1.5}";

        Reply reply = await proxy.PostAsync(path, body);

        Assert.Equal("CacheProxy; fwd=bypass; detail=unparsed", reply.CacheStatus);
        Assert.Equal(body, proxy.Upstream.Requests.Single().Body);
        Assert.Equal(Shapes[path], reply.Text);
    }

    [Theory]
    [InlineData(Chat)]
    [InlineData(Responses)]
    [InlineData(Messages)]
    public async Task Request_WithHostedTools_IsForwardedEachTime(string path)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        string body = Questions[path][..^1] + ""","tools":[{"type":"web_search_20250305","name":"web_search"}]}""";

        await proxy.PostAsync(path, body);
        Reply reply = await proxy.PostAsync(path, body);

        Assert.Equal("CacheProxy; fwd=bypass; detail=hosted_tools", reply.CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Error_IsOfTheDialectsShape(string path)
    {
        await using ProxyUnderTest proxy = await StartAsync(new() { ["Server:MaxBodyBytes"] = "1000" });

        AssertError(path, 400, "invalid_request_error", await proxy.PostAsync(path, "{"));
        AssertError(path, 400, "invalid_request_error", await proxy.PostAsync(path, "{}"));
        AssertError(path, 400, "invalid_request_error", await proxy.PostAsync(path, Questions[path], ("X-CacheProxy-TTL", "soon")));
        AssertError(path, 413, path == Messages ? "request_too_large" : "invalid_request_error", await proxy.PostAsync(path, new string(' ', 2000)));
        AssertError(path, 504, path == Messages ? "timeout_error" : "invalid_request_error", await proxy.PostAsync(path, Questions[path], ("Cache-Control", "only-if-cached")));
        Assert.Equal(0, proxy.Upstream.Calls);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task UpstreamThatIsGone_IsAnErrorOfTheDialectsShape(string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new()
        {
            ["Upstreams:0:Name"] = "gone",
            ["Upstreams:0:BaseUrl"] = "http://127.0.0.1:1",
            ["Upstreams:0:Retries"] = "0",
        });

        Reply reply = await proxy.PostAsync(path, Questions[path]);

        Assert.InRange(reply.Status, 500, 599);
        AssertError(path, reply.Status, path == Messages ? reply.Status is 529 ? "overloaded_error" : "api_error" : "server_error", reply);
    }

    [Fact]
    public async Task BetaHeader_IsAnotherQuestion()
    {
        await using ProxyUnderTest proxy = await StartAsync();

        await proxy.PostAsync(Chat, Questions[Chat]);
        Reply beta = await proxy.PostAsync(Chat, Questions[Chat], ("OpenAI-Beta", "x"));
        Reply queried = await proxy.PostAsync(Chat + "?beta=true", Questions[Chat]);
        Reply again = await proxy.PostAsync(Chat, Questions[Chat], ("OpenAI-Beta", "x"));

        Assert.Equal("CacheProxy; fwd=miss; stored", beta.CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", queried.CacheStatus);
        Assert.StartsWith("CacheProxy; hit", again.CacheStatus);
    }

    private static async Task<ProxyUnderTest> StartAsync(Dictionary<string, string>? settings = null)
    {
        ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(settings);
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Shapes[context.Request.Path], context.RequestAborted);
        };
        return proxy;
    }

    private static string? TextOf(string path, JsonElement answer)
    {
        switch (path)
        {
            case Chat:
                Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
                return answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
            case Responses:
                Assert.Equal("response", answer.GetProperty("object").GetString());
                return answer.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString();
            default:
                Assert.Equal("message", answer.GetProperty("type").GetString());
                return answer.GetProperty("content")[0].GetProperty("text").GetString();
        }
    }

    private static void AssertError(string path, int status, string type, Reply reply)
    {
        Assert.Equal(status, reply.Status);
        Assert.Equal("application/json", reply.ContentType);
        JsonElement error = reply.Json.GetProperty("error");
        Assert.Equal(type, error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        if (path == Messages)
        {
            Assert.Equal("error", reply.Json.GetProperty("type").GetString());
            Assert.Equal(reply.Header("request-id"), reply.Json.GetProperty("request_id").GetString());
            Assert.Equal(2, error.EnumerateObject().Count());
        }
        else
        {
            Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(member => member.Name));
        }
    }
}
