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
        const string Question = "{\"model\":\"smollm2-135m-instruct\",\"temperature\":0,\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"Name a planet.\"}]}";
        (byte[] first, CacheStatus miss) = await PostAsync(Question);
        (byte[] second, CacheStatus hit) = await PostAsync(Question);
        Assert.False(miss.IsHit);
        Assert.True(hit is { IsHit: true, Detail: "exact" }, hit.ToString());
        Assert.Equal(first, second);
        Assert.Equal(0, await proxy.RestartAsync());
        (byte[] third, CacheStatus persisted) = await PostAsync(Question);
        Assert.True(persisted is { IsHit: true, Detail: "exact" }, persisted.ToString());
        Assert.Equal(first, third);
    }

    [Fact]
    public async Task Post_QuestionWithAnotherNumber_IsAMiss()
    {
        const string Question = "{{\"model\":\"smollm2-135m-instruct\",\"temperature\":0,\"max_tokens\":8,\"messages\":[{{\"role\":\"user\",\"content\":\"How many days are in {0} weeks?\"}}]}}";
        await PostAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, Question, 3));
        (_, CacheStatus other) = await PostAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, Question, 4));
        Assert.True(other is { IsHit: false, Forward: "miss" }, other.ToString());
    }

    private async Task<(byte[] Body, CacheStatus Status)> PostAsync(string body)
    {
        using var client = new HttpClient { BaseAddress = proxy.Address, Timeout = TimeSpan.FromMinutes(2) };
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
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
