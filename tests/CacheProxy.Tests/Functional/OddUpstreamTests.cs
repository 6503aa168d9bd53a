using System.IO.Compression;
using System.Text;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Upstreams that answer 200 with what is no answer, in a way of their own, or without end.</summary>
public class OddUpstreamTests
{
    private const string AskUsage = ",\"stream_options\":{\"include_usage\":true}";
    private const string Json = "application/json";
    private const string Events = "text/event-stream";

    public static TheoryData<bool, string, string> NoAnswers => new()
    {
        { false, "text/html", "<html>Sign in</html>" },
        { false, Json, """{"error":{"message":"overloaded","type":"server_error"}}""" },
        { false, Json, """{"id":"x","model":"m","choices":[]}""" },
        { false, Json, Answers.Object("cut")[..^3] },
        { false, Json, Answers.Object("one") + Answers.Object("two") },
        { false, Events, Answers.Stream("a stream for an object") },
        { true, "text/html", "<html>Sign in</html>" },
        { true, Json, Answers.Object("an object for a stream") },
        { true, Events, Answers.Stream("one") + Answers.Chunk("two") + Answers.Finish() + Answers.Done },
        { true, Events, "data: {\"error\":{\"message\":\"overloaded\"}}\n\n" + Answers.Done },
        { true, Events, Answers.Done },
    };

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task Answer_ThatIsNone_IsPassedOnAsItIsAndNeverStored(bool stream, string contentType, string body)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => WriteAsync(context, contentType, Encoding.UTF8.GetBytes(body));

        Reply first = await proxy.AskAsync(stream: stream);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end of the first");
        Reply second = await proxy.AskAsync(stream: stream);

        Assert.All([first, second], reply => Assert.Equal(body, reply.Text));
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Answer_WithoutContent_IsPassedOnAndNeverStored()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        };

        Assert.Equal(204, (await proxy.AskAsync()).Status);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end of the first");
        Assert.Equal(204, (await proxy.AskAsync()).Status);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stream_EndedTwice_IsOneAnswer()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => WriteAsync(context, Events, Encoding.UTF8.GetBytes(Answers.Stream("one")[..^Answers.Done.Length] + Answers.UsageChunk + Answers.Done + Answers.Done));

        Reply first = await proxy.AskAsync(stream: true, extra: AskUsage);
        Reply whole = await proxy.AskAsync();

        Assert.EndsWith(Answers.Done + Answers.Done, first.Text, StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; hit; detail=exact", whole.CacheStatus);
        Assert.Equal("one", whole.Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    /// <summary>Packed without being made smaller, all text of the stream stands in it: nothing of it may be taken for an event.</summary>
    [Fact]
    public async Task Stream_PackedUnasked_IsPassedOnByteForByte()
    {
        byte[] packed = Pack(Answers.Stream("one")[..^Answers.Done.Length] + Answers.UsageChunk + Answers.Done);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return WriteAsync(context, Events, packed);
        };

        Reply first = await proxy.AskAsync(stream: true);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end of the first");
        Reply second = await proxy.AskAsync(stream: true);

        Assert.Equal(packed, first.Body);
        Assert.Equal(packed, second.Body);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_WhoseConnectionStaysOpen_KeepsNobodyWaiting(bool sameForm)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var never = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (call > 1)
            {
                await Answers.ObjectAsync(context, "another");
                return;
            }

            await Answers.StreamAsync(context, ["one"], usage: true);
            await never.Task.WaitAsync(context.RequestAborted);
        };

        using HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: AskUsage));
        await ReadToDoneAsync(first);
        Task<HttpResponseMessage> second = proxy.BeginAsync(ProxyUnderTest.Question(stream: sameForm, extra: sameForm ? AskUsage : ""));
        await Wait.UntilAsync(
            () =>
            {
                proxy.Clock.Advance(TimeSpan.FromMilliseconds(500));
                return second.IsCompleted;
            },
            "the second to be answered");

        using HttpResponseMessage answer = await second;
        if (sameForm)
        {
            await ReadToDoneAsync(answer);
        }
        else
        {
            Assert.Contains("another", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(sameForm ? 1 : 2, proxy.Upstream.Calls);
    }

    private static async Task ReadToDoneAsync(HttpResponseMessage response)
    {
        var text = new StringBuilder();
        byte[] bytes = new byte[4096];
        Stream stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        while (!text.ToString().EndsWith(Answers.Done, StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(bytes, TestContext.Current.CancellationToken);
            Assert.True(count > 0, text.ToString());
            text.Append(Encoding.UTF8.GetString(bytes, 0, count));
        }
    }

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.NoCompression))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static async Task WriteAsync(HttpContext context, string contentType, byte[] body)
    {
        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
