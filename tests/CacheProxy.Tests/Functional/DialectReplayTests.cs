using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Tests.Record;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Answers of every dialect through the whole program: recorded in one mode or dialect, given in another.</summary>
public class DialectReplayTests
{
    // Tool calls and answers that end at their token limit are among the recordings.
    private static readonly Dictionary<string, string> StoresAll = new() { ["Exact:AllowToolCalls"] = "true", ["Exact:AllowTruncated"] = "true" };

    public static TheoryData<string, bool> Pairs
        => [.. Recording.Pairs().SelectMany(pair => new[] { true, false }.Select(stream => new TheoryDataRow<string, bool>(pair.Object.Name, stream)))];

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Answer_RecordedInOneMode_IsGivenInBoth(string name, bool recordsStream)
    {
        var (whole, stream) = Recording.Pairs().Single(pair => pair.Object.Name == name);
        string path = PathOf(whole.Dialect);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(StoresAll);
        proxy.Upstream.Script = (context, _) => SendAsync(context, recordsStream ? stream : whole);

        Reply first = await AskAsync(proxy, path, recordsStream);
        Reply again = await AskAsync(proxy, path, recordsStream);
        Reply other = await AskAsync(proxy, path, !recordsStream);

        Assert.Equal((recordsStream ? stream : whole).Bytes, first.Body);
        Assert.Equal(first.Body, again.Body);
        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.StartsWith("CacheProxy; hit; detail=exact", again.CacheStatus);
        Assert.StartsWith("CacheProxy; hit; detail=exact", other.CacheStatus);
        if (recordsStream)
        {
            Assert.True(JsonElement.DeepEquals(Recording.Parse(whole.Bytes), other.Json), other.Text);
        }
        else
        {
            Assert.StartsWith("text/event-stream", other.ContentType);
            Assert.Equal(StreamEvents.Normal(stream.Bytes), StreamEvents.Normal(other.Body));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ChatAnswer_AskedInOtherDialects_IsAHit(bool stream)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await AskAsync(proxy, "/v1/chat/completions", stream: false);

        Reply message = await AskAsync(proxy, "/v1/messages", stream);
        Reply response = await AskAsync(proxy, "/v1/responses", stream);

        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.Contains("hello", message.Text);
        Assert.Contains("hello", response.Text);
        Assert.Contains(stream ? "\"type\":\"message_stop\"" : "\"stop_reason\":\"end_turn\"", message.Text);
        Assert.Contains(stream ? "\"type\":\"response.completed\"" : "\"status\":\"completed\"", response.Text);
        Assert.Contains("\"max_output_tokens\":9", response.Text);
    }

    [Fact]
    public async Task SignedThoughts_AskedInAnotherDialect_AreAMiss()
    {
        Recording thinking = Recording.Pairs().Single(pair => pair.Object.Name == "messages-thinking").Object;
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, call) => call == 1 ? SendAsync(context, thinking) : Answers.ObjectAsync(context, "hello");
        await AskAsync(proxy, "/v1/messages", stream: false);

        Reply chat = await AskAsync(proxy, "/v1/chat/completions", stream: false);

        Assert.Equal(2, proxy.Upstream.Calls);
        Assert.Contains("fwd=miss", chat.CacheStatus);
        Assert.Equal("hello", chat.Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    public static TheoryData<string> Bad => [.. Recording.Bad().Select(item => item.Name)];

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Stream_ThatIsNotWhole_IsPassedOnAndNeverStored(string name)
    {
        Recording recording = Recording.Bad().Single(item => item.Name == name);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(StoresAll);
        proxy.Upstream.Script = (context, _) => SendAsync(context, recording);

        Reply first = await AskAsync(proxy, PathOf(recording.Dialect), stream: true);
        Reply second = await AskAsync(proxy, PathOf(recording.Dialect), stream: true);

        Assert.Equal(recording.Bytes, first.Body);
        Assert.Equal(recording.Bytes, second.Body);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    private static async Task SendAsync(HttpContext context, Recording recording)
    {
        context.Response.ContentType = recording.ContentType;
        await context.Response.Body.WriteAsync(recording.Bytes, context.RequestAborted);
    }

    private static async Task<Reply> AskAsync(ProxyUnderTest proxy, string path, bool stream)
    {
        string mode = stream ? ",\"stream\":true" : "";
        string body = path switch
        {
            "/v1/messages" => $$"""{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":"hi"}]{{mode}}}""",
            "/v1/responses" => $$"""{"model":"m","max_output_tokens":9,"instructions":"s","input":"hi"{{mode}}}""",
            _ => $$"""{"model":"m","max_tokens":9,"messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}]{{mode}}}""",
        };
        using HttpResponseMessage response = await proxy.BeginAsync(body, completion: HttpCompletionOption.ResponseContentRead, path: path);
        return new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private static string PathOf(Dialect dialect) => dialect == Dialect.OpenAIResponses ? "/v1/responses" : "/v1/messages";
}
