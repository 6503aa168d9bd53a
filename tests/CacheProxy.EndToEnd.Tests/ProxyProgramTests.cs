using System.Text;
using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.EndToEnd.Tests;

public sealed class ProxyProgramTests(ProxyProgram proxy) : OpenAIClientTests, IClassFixture<ProxyProgram>
{
    protected override Uri Address => proxy.Address;

    [Fact]
    public async Task Client_SameCallTwice_SecondIsAnExactHitInBothModes()
    {
        JsonNode answer = await RunAsync("repeated");
        Assert.Equal("CacheProxy; fwd=miss; stored", (string?)answer["first"]!["cacheStatus"]);
        CacheStatus hit = StatusOf((string?)answer["second"]!["cacheStatus"]);
        Assert.True(hit is { IsHit: true, Detail: "exact", TtlSeconds: > 0 }, hit.ToString());
        Assert.True(int.Parse((string?)answer["second"]!["age"] ?? "none", System.Globalization.CultureInfo.InvariantCulture) >= 0);
        Assert.NotNull((string?)answer["second"]!["prefix"]);
        foreach (string field in new[] { "id", "text", "reason" })
        {
            Assert.Equal((string?)answer["first"]![field], (string?)answer["second"]![field]);
            Assert.Equal((string?)answer["first"]![field], (string?)answer["streamed"]![field]);
        }

        Assert.True(StatusOf((string?)answer["streamed"]!["cacheStatus"]) is { IsHit: true, Detail: "exact" });
        Assert.Equal(answer["first"]!["usage"]!.ToJsonString(), answer["streamed"]!["usage"]!.ToJsonString());
    }

    [Fact]
    public async Task Client_RefusedCall_IsNotStored()
    {
        for (int i = 0; i < 2; i++)
        {
            JsonNode error = await RunAsync("tools");
            Assert.False(StatusOf((string?)error["cacheStatus"]).IsHit);
        }
    }

    [Fact]
    public async Task Post_SameBytesTwice_AnswersByteForByteAlsoAfterARestart()
    {
        string question = Question("Name a planet.");
        (byte[] first, CacheStatus miss) = await PostAsync(question);
        (byte[] second, CacheStatus hit) = await PostAsync(question);
        Assert.False(miss.IsHit);
        Assert.True(hit is { IsHit: true, Detail: "exact" }, hit.ToString());
        Assert.Equal(first, second);
        Assert.Equal(0, await proxy.RestartAsync());
        (byte[] third, CacheStatus persisted) = await PostAsync(question);
        Assert.True(persisted is { IsHit: true, Detail: "exact" }, persisted.ToString());
        Assert.Equal(first, third);
    }

    [Fact]
    public async Task Post_SameQuestionInOtherWords_IsASemanticHit()
    {
        (byte[] first, _) = await PostAsync(Question("What is the best way to learn Python?"));
        (byte[] second, CacheStatus status) = await PostAsync(Question("What's the best way of learning Python?"), noStore: true);
        // The index learns of an answer just after its client has it.
        for (int i = 0; i < 50 && !status.IsHit; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            (second, status) = await PostAsync(Question("What's the best way of learning Python?"), noStore: true);
        }

        Assert.True(status is { IsHit: true, Detail: "semantic" }, status.ToString());
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("How many days are in 3 weeks?", "How many days are in 4 weeks?")]
    [InlineData("Is it safe to eat raw eggs?", "Is it not safe to eat raw eggs?")]
    public async Task Post_QuestionThatDiffersInWhatCounts_IsAMiss(string question, string other)
    {
        await PostAsync(Question(question));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        (_, CacheStatus status) = await PostAsync(Question(other));
        Assert.True(status is { IsHit: false, Forward: "miss" }, status.ToString());
    }

    private static string Question(string text)
        => $"{{\"model\":\"smollm2-135m-instruct\",\"temperature\":0,\"max_tokens\":8,\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}";

    private async Task<(byte[] Body, CacheStatus Status)> PostAsync(string body, bool noStore = false)
    {
        using var client = new HttpClient { BaseAddress = proxy.Address, Timeout = TimeSpan.FromMinutes(2) };
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        if (noStore)
        {
            client.DefaultRequestHeaders.CacheControl = new() { NoStore = true };
        }

        using HttpResponseMessage response = await client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(bytes));
        return (bytes, StatusOf(response.Headers.GetValues(HeaderNames.CacheStatus).Single()));
    }

    private static CacheStatus StatusOf(string? header)
    {
        Assert.True(CacheStatus.TryParse(header, out IReadOnlyList<CacheStatus>? members), header ?? "no Cache-Status");
        return members[^1];
    }
}
