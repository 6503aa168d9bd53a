using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional.Admin;

public class EpochTests
{
    [Theory]
    [InlineData("kb")]
    [InlineData("docs/v2:a_b-c.d")]
    [InlineData("")]
    public async Task Bump_OfANamespace_MakesItsHitsMisses(string space)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        (string, string)[] own = space.Length > 0 ? [(HeaderNames.Namespace, space)] : [];
        (string, string)[] other = [(HeaderNames.Namespace, "other")];
        await proxy.AskAsync(headers: own);
        await proxy.AskAsync(headers: other);

        Reply bump = await proxy.ActAsync($"/admin/epochs/{space}");

        Assert.Equal((200, 1, true), (bump.Status, bump.Json.GetProperty("epoch").GetInt32(), bump.Json.GetProperty("kept").GetBoolean()));
        Assert.StartsWith("CacheProxy; fwd=miss; stored", (await proxy.AskAsync(headers: own)).CacheStatus);
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(headers: own)).CacheStatus);
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(headers: other)).CacheStatus);
        Assert.Equal(1, (await proxy.GetAsync("/admin/epochs")).Json.GetProperty("epochs").GetProperty(space).GetInt32());
        Assert.Contains("\"action\":\"bump\"", Assert.Single(proxy.Audit()));
    }

    [Fact]
    public async Task Bump_OfAnImpossibleNamespace_IsRefused()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.ActAsync("/admin/epochs/a%20b");

        Assert.Equal((400, "namespace"), (reply.Status, reply.ErrorParam));
    }

    [Fact]
    public async Task Bump_WhileTheAnswerIsUnderWay_IsNotJoinedNorServed()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (call == 1)
            {
                arrived.SetResult();
                await release.Task;
            }

            await Answers.ObjectAsync(context, $"answer {call}");
        };
        Task<Reply> first = proxy.AskAsync();
        await arrived.Task;

        await proxy.ActAsync("/admin/epochs/");
        Reply second = await proxy.AskAsync();
        release.SetResult();

        Assert.Contains("answer 1", (await first).Text);
        Assert.Contains("answer 2", second.Text);
        Assert.Contains("answer 2", (await proxy.AskAsync()).Text);
    }
}
