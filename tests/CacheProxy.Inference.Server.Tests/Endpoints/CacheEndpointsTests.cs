using System.Net;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

public sealed class CacheEndpointsTests
{
    // The scripted model's prompts end in a token of their own, so that this much of them can be found again.
    private const string Prompt = "the quick brown fox jumps over the lazy dog";

    [Fact]
    public async Task Stats_AfterAnAnswer_AddUpToThePool()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt);
        await CompleteAsync(server, Prompt);

        JsonNode stats = await GetAsync(server, "/v1/cache/stats");

        JsonNode pool = stats["pool"]!;
        Assert.Equal("scripted", (string?)stats["model"]);
        Assert.Equal(256, (int)pool["free_blocks"]! + (int)pool["cached_blocks"]! + (int)pool["leased_blocks"]!);
        Assert.True((int)pool["cached_blocks"]! > 0);
        Assert.Equal(Prompt.Length, (int)stats["totals"]!["hit_tokens"]!);
        Assert.Equal((0, 0), ((int)stats["ram"]!["blocks"]!, (int)stats["disk"]!["blocks"]!));
    }

    [Fact]
    public async Task Reset_OfASalt_LeavesTheOthers()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt, "a");
        await CompleteAsync(server, Prompt, "b");

        JsonNode answer = await server.AskAsync("/v1/cache/reset", "{\"salt\":\"a\"}");

        Assert.True((int)answer["freed_blocks"]! > 0);
        Assert.Equal(0, await CompleteAsync(server, Prompt, "a"));
        Assert.Equal(Prompt.Length, await CompleteAsync(server, Prompt, "b"));
        await server.AskAsync("/v1/cache/reset", "{}");
        Assert.Equal(0, await CompleteAsync(server, Prompt, "b"));
    }

    [Fact]
    public async Task Reset_WithoutABody_ForgetsAll()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt, "a");

        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/v1/cache/reset", UriKind.Relative), null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, await CompleteAsync(server, Prompt, "a"));
    }

    [Fact]
    public async Task Explain_DivergingPrompt_NamesTheTokenTheTextAndTheReason()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt);

        JsonNode answer = await server.AskAsync("/v1/cache/explain", "{\"model\":\"scripted\",\"prompt\":\"the quick brown cat\"}");

        Assert.Equal(("the quick brown ".Length, 20), ((int)answer["cached_tokens"]!, (int)answer["prompt_tokens"]!));
        JsonNode divergence = answer["divergence"]!;
        Assert.Equal("the quick brown ".Length, (int)divergence["token_index"]!);
        Assert.Equal(("never_seen", "cat\u0002"), ((string?)divergence["reason"], (string?)divergence["text_after"]));
        Assert.EndsWith("brown ", (string?)divergence["text_before"], StringComparison.Ordinal);
        Assert.StartsWith("fox", (string?)divergence["cached_instead"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_KnownPrompt_DoesNotDiverge()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt);

        JsonNode answer = await server.AskAsync("/v1/cache/explain", $"{{\"prompt\":\"{Prompt}\"}}");

        Assert.Equal(Prompt.Length, (int)answer["cached_tokens"]!);
        Assert.Null(answer["divergence"]);
    }

    [Fact]
    public async Task Explain_CachedForAnotherSalt_SaysSoWithoutItsText()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt, "b");

        JsonNode divergence = (await server.AskAsync("/v1/cache/explain", $"{{\"prompt\":\"{Prompt}\",\"salt\":\"a\"}}"))["divergence"]!;

        Assert.Equal((0, "other_tenant"), ((int)divergence["token_index"]!, (string?)divergence["reason"]));
        Assert.Null(divergence["cached_instead"]);
    }

    [Fact]
    public async Task Explain_EvictedPrompt_SaysHowLongAgo()
    {
        await using TestServer server = await TestServer.StartAsync();
        await CompleteAsync(server, Prompt);
        for (int other = 0; other < 12; other++)
        {
            await CompleteAsync(server, string.Concat(Enumerable.Repeat((char)('A' + other), 300)));
        }

        JsonNode divergence = (await server.AskAsync("/v1/cache/explain", $"{{\"prompt\":\"{Prompt}\"}}"))["divergence"]!;

        Assert.Equal("evicted", (string?)divergence["reason"]);
        Assert.InRange((double)divergence["evicted_seconds_ago"]!, 0, 60);
    }

    [Fact]
    public async Task Pin_Prompt_OutlivesWhatEvictsTheRest()
    {
        await using TestServer server = await TestServer.StartAsync();

        JsonNode pinned = await server.AskAsync("/v1/cache/pin", $"{{\"prompt\":\"{Prompt}\",\"ttl_seconds\":60}}");
        for (int other = 0; other < 12; other++)
        {
            await CompleteAsync(server, string.Concat(Enumerable.Repeat((char)('A' + other), 300)));
        }

        Assert.Equal(44, (int)pinned["pinned_tokens"]!);
        Assert.Equal(Prompt.Length, await CompleteAsync(server, Prompt));
        Assert.Equal(44, (int)(await server.AskAsync("/v1/cache/explain", $"{{\"prompt\":\"{Prompt}\"}}"))["pinned_tokens"]!);
    }

    [Fact]
    public async Task Pin_MoreThanTheShare_IsRefused()
    {
        await using TestServer server = await TestServer.StartAsync();

        using HttpResponseMessage response = await server.PostAsync("/v1/cache/pin", $"{{\"prompt\":\"{new string('x', 300)}\"}}");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    [Theory]
    [InlineData("{}", "prompt")]
    [InlineData("{\"prompt\":\"\"}", "prompt")]
    [InlineData("{\"prompt\":[\"a\",\"b\"]}", "prompt")]
    [InlineData("{\"prompt\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"b\"}]}", "prompt")]
    [InlineData("{\"prompt\":[99999]}", "prompt")]
    [InlineData("{\"prompt\":\"a\",\"salt\":1}", "salt")]
    [InlineData("{\"prompt\":\"a\",\"ttl_seconds\":0}", "ttl_seconds")]
    public async Task Explain_BadRequest_NamesTheField(string body, string field)
    {
        await using TestServer server = await TestServer.StartAsync();

        using HttpResponseMessage response = await server.PostAsync("/v1/cache/explain", body);

        JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        Assert.Equal((HttpStatusCode.BadRequest, field), (response.StatusCode, (string?)error["param"]));
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("explain")]
    [InlineData("pin")]
    public async Task Post_WithATenantsHeader_FindsNothing(string verb)
    {
        await using TestServer server = await TestServer.StartAsync();

        using HttpResponseMessage response = await server.PostAsync($"/v1/cache/{verb}", "{\"prompt\":\"a\"}", (HeaderNames.Salt, "tenant"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private static async Task<int> CompleteAsync(TestServer server, string prompt, string salt = "")
    {
        JsonNode answer = await server.AskAsync("/v1/completions", $"{{\"model\":\"scripted\",\"prompt\":\"{prompt}\",\"max_tokens\":1}}", (HeaderNames.Salt, salt));
        return (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
    }

    private static async Task<JsonNode> GetAsync(TestServer server, string path) =>
        JsonNode.Parse(await server.Client.GetStringAsync(path, TestContext.Current.CancellationToken))!;
}
