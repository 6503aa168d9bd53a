using System.Text;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Between the last byte of an answer and its entry there is time: a request that falls into it waits for the entry, in any mode.</summary>
public class LandingTests
{
    private const string AskUsage = ",\"stream_options\":{\"include_usage\":true}";
    private static readonly Dictionary<string, string> NoMemory = new() { ["Exact:MemoryMegabytes"] = "0" };

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Request_AfterTheLastByte_WaitsForTheEntry(bool firstIsStream, bool secondIsStream)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var close = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => firstIsStream ? StreamAsync(context, close.Task) : ObjectAsync(context, close.Task);

        // The last byte is out, but the upstream has not closed: there is no entry yet.
        using HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: firstIsStream, extra: firstIsStream ? AskUsage : ""));
        await ReadUntilAsync(first, firstIsStream ? Answers.Done : Answers.Object("one"));
        Task<Reply> second = proxy.AskAsync(stream: secondIsStream, extra: secondIsStream ? AskUsage : "");
        await Task.WhenAny(second, Task.Delay(200, TestContext.Current.CancellationToken));
        // An object says its length: the proxy knows its end, and stores it, without the upstream closing.
        Assert.True(!second.IsCompleted || !firstIsStream);
        close.SetResult();

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await second).CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("X-Request-Timeout-Ms", "60000")]
    [InlineData("Cache-Control", "only-if-cached")]
    public async Task Request_ThatIsNotJoined_WaitsForTheEntryAllTheSame(string header, string value)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var close = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => StreamAsync(context, close.Task);

        using HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: AskUsage));
        await ReadUntilAsync(first, Answers.Done);
        Task<Reply> second = proxy.AskAsync(stream: false, headers: (header, value));
        close.SetResult();

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await second).CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Request_AfterOneThatFliesAlone_WaitsForTheEntry()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Flight:Enabled"] = "false" });
        var close = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => StreamAsync(context, close.Task);

        using HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: AskUsage));
        await ReadUntilAsync(first, Answers.Done);
        Task<Reply> second = proxy.AskAsync();
        close.SetResult();

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await second).CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_RightAfterAnAnswer_IsAHitEveryTime(bool withoutMemory)
    {
        const int Questions = 60;
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(withoutMemory ? NoMemory : null);
        proxy.Upstream.Script = (context, call) => Answers.StreamAsync(context, [$"answer {call}"], usage: true);

        for (int i = 0; i < Questions; i++)
        {
            await proxy.AskAsync($"question {i}", stream: true, extra: AskUsage);
            Reply second = await proxy.AskAsync($"question {i}");
            Assert.StartsWith("CacheProxy; hit; detail=exact", second.CacheStatus);
        }

        Assert.Equal(Questions, proxy.Upstream.Calls);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the table to be empty");
    }

    [Fact]
    public async Task Request_AfterAnAnswerThatIsNotStored_GoesUpstream()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var close = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, call) =>
        {
            await Answers.StreamAsync(context, ["x"], done: call > 1);
            await close.Task.WaitAsync(context.RequestAborted);
        };

        using HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        await ReadUntilAsync(first, Answers.Finish());
        close.SetResult();
        await Wait.UntilAsync(() => proxy.Flights == 0, "the end of the first");
        Reply second = await proxy.AskAsync(stream: true);

        Assert.Equal("CacheProxy; fwd=miss; stored", second.CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    private static async Task StreamAsync(HttpContext context, Task close)
    {
        await Answers.StreamAsync(context, ["one"], usage: true);
        await close.WaitAsync(context.RequestAborted);
    }

    private static async Task ObjectAsync(HttpContext context, Task close)
    {
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(Answers.Object("one"));
        await Answers.ObjectAsync(context, "one");
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await close.WaitAsync(context.RequestAborted);
    }

    private static async Task ReadUntilAsync(HttpResponseMessage response, string end)
    {
        Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var text = new StringBuilder();
        byte[] bytes = new byte[4096];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            int count = await body.ReadAsync(bytes, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, count);
            text.Append(Encoding.UTF8.GetString(bytes, 0, count));
        }
    }
}
