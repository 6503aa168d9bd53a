using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional;

public class PacedReplayTests
{
    // The answer does not say how many tokens it has: each event counts as one.
    private static readonly Dictionary<string, string> Paced = new() { ["Exact:ReplayTokensPerSecond"] = "1" };
    private static readonly string[] Words = ["one ", "two ", "three ", "four"];

    [Fact]
    public async Task RecordedStream_WithAPace_ComesEventByEvent()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Paced);
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words);
        await proxy.AskAsync(stream: true);

        using HttpResponseMessage hit = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await hit.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        string[] events = [.. Words.Select(Answers.Chunk), Answers.Finish(), Answers.Done];
        DateTimeOffset start = proxy.Clock.GetUtcNow();
        for (int i = 0; i < events.Length; i++)
        {
            byte[] read = new byte[events[i].Length];
            Task arrived = body.ReadExactlyAsync(read, TestContext.Current.CancellationToken).AsTask();
            await (i == 0 ? arrived : AdvanceUntilAsync(proxy, arrived));
            Assert.Equal(events[i], System.Text.Encoding.UTF8.GetString(read));
            // However late this machine brings it: not before its time.
            Assert.True(proxy.Clock.GetUtcNow() - start >= TimeSpan.FromSeconds(i), $"Event {i} came after {proxy.Clock.GetUtcNow() - start}.");
        }

        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task RecordedStream_WhoseClientLeaves_Ends()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Paced);
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words);
        await proxy.AskAsync(stream: true);

        HttpResponseMessage hit = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        hit.Dispose();

        // The same question goes on being answered, and nothing of the first is left waiting on the clock.
        using HttpResponseMessage second = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Task<string> text = second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await AdvanceUntilAsync(proxy, text);
        Assert.Equal(Answers.Stream(Words), await text);
    }

    [Fact]
    public async Task RecordedObject_WithAPace_ComesAtOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Paced);
        await proxy.AskAsync();

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.AskAsync()).CacheStatus);
    }

    private static async Task AdvanceUntilAsync(ProxyUnderTest proxy, Task task)
        => await Wait.UntilAsync(
            () =>
            {
                proxy.Clock.Advance(TimeSpan.FromMilliseconds(500));
                return task.IsCompleted;
            },
            "the next event");
}
