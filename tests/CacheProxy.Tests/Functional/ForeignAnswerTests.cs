using System.Text.Json.Nodes;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Nobody gets what belongs to somebody else: another end user's values, another key's answers or refusals.</summary>
public class ForeignAnswerTests
{
    private const string Responses = "/v1/responses";
    private const string Messages = "/v1/messages";

    [Theory]
    [InlineData("user")]
    [InlineData("safety_identifier")]
    [InlineData("prompt_cache_key")]
    public async Task Response_ThatNamesAnotherEndUser_IsNotGiven(string field)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, call) => EchoAsync(context, proxy.Upstream.Requests.ElementAt(call - 1).Body, field);

        Reply ann = await proxy.PostAsync(Responses, Question("ann"));
        Reply bob = await proxy.PostAsync(Responses, Question("bob"));
        Reply nobody = await proxy.PostAsync(Responses, """{"model":"m","input":"hi"}""");
        Reply again = await proxy.PostAsync(Responses, Question("ann"));

        Assert.Equal(["ann", "bob", null], new[] { ann, bob, nobody }.Select(reply => reply.Json.GetProperty(field).GetString()));
        Assert.StartsWith("CacheProxy; hit; detail=exact", again.CacheStatus);
        Assert.Equal(ann.Body, again.Body);

        string Question(string user) => $$"""{"model":"m","input":"hi","{{field}}":"{{user}}"}""";
    }

    [Fact]
    public async Task Scope_OfUsers_TellsThemApartByEitherName()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Tenants:Scope"] = "user" });

        await proxy.AskAsync(extra: ",\"safety_identifier\":\"ann\"");
        Reply bob = await proxy.AskAsync(extra: ",\"safety_identifier\":\"bob\"");
        Reply ann = await proxy.AskAsync(extra: ",\"user\":\"ann\"");

        Assert.Equal("CacheProxy; fwd=miss; stored", bob.CacheStatus);
        Assert.StartsWith("CacheProxy; hit; detail=exact", ann.CacheStatus);
    }

    [Theory]
    [InlineData("Authorization", "x-api-key")]
    [InlineData("Authorization", "api-key")]
    [InlineData("api-key", "x-goog-api-key")]
    [InlineData("X-None", "x-goog-api-key")]
    public async Task Key_BesideAnotherThatIsTheSame_CountsToo(string common, string own)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync(headers: [(common, "Bearer gateway"), (own, "ann")]);
        Reply bob = await proxy.AskAsync(headers: [(common, "Bearer gateway"), (own, "bob")]);
        Reply ann = await proxy.AskAsync(headers: [(common, "Bearer gateway"), (own, "ann")]);

        Assert.Equal("CacheProxy; fwd=miss; stored", bob.CacheStatus);
        Assert.StartsWith("CacheProxy; hit; detail=exact", ann.CacheStatus);
    }

    [Fact]
    public async Task Key_GivenInTwoHeaders_IsOneScope()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync(headers: [("Authorization", "Bearer k"), ("api-key", "k")]);

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.AskAsync(headers: ("x-api-key", "k"))).CacheStatus);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task Refusal_OfAnothersKey_IsNotShared(int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Tenants:Scope"] = "shared" });
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (proxy.Upstream.Requests.ElementAt(call - 1).Headers["Authorization"] == "Bearer good")
            {
                await Answers.ObjectAsync(context, "hello");
                return;
            }

            await go.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = status;
        };

        Task<Reply> bad = proxy.AskAsync(headers: ("Authorization", "Bearer bad"));
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the call");
        Task<Reply> badToo = proxy.AskAsync(headers: ("Authorization", "Bearer bad"));
        Task<Reply> good = proxy.AskAsync(headers: ("Authorization", "Bearer good"));
        await Wait.UntilAsync(() => proxy.Waiters == 3, "all to wait");
        go.SetResult();

        Assert.Equal([status, status, 200], new[] { await bad, await badToo, await good }.Select(reply => reply.Status));
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task PlainText_IsSharedByTheKnownVersionsOfAnApi_AndNothingElseIs()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync(extra: ",\"max_tokens\":9");
        Reply current = await AskAsync("", "2026-10-21");
        Reply older = await AskAsync("", "2023-06-01");
        Reply unknown = await AskAsync("", "2027-01-01");
        await AskAsync(",\"top_k\":4", "2026-10-21");
        Reply otherForm = await AskAsync(",\"top_k\":4", "2023-06-01");

        Assert.All([current, older], reply => Assert.StartsWith("CacheProxy; hit; detail=exact", reply.CacheStatus));
        Assert.All([unknown, otherForm], reply => Assert.StartsWith("CacheProxy; fwd=miss", reply.CacheStatus));

        Task<Reply> AskAsync(string extra, string version) => proxy.PostAsync(
            Messages, $$"""{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":"hi"}]{{extra}}}""", ("anthropic-version", version));
    }

    private static Task EchoAsync(HttpContext context, string request, string field)
    {
        JsonNode answer = JsonNode.Parse("""
            {"id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,"model":"m","output":[
             {"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}],
             "usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10}}
            """)!;
        answer[field] = JsonNode.Parse(request)![field]?.DeepClone();
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
