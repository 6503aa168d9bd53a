using System.Text;
using CacheProxy.EndToEnd.Tests.Support;
using CacheProxy.Protocol;

namespace CacheProxy.EndToEnd.Tests;

/// <summary>The product over plain HTTP.</summary>
public sealed class ProxyProgramTests(Programs programs)
{
    [Fact]
    public async Task Post_SameBytesTwice_AnswersByteForByteAlsoAfterARestart()
    {
        await using ProxyProgram proxy = await ProxyProgram.StartAsync();
        string question = Question("Name a planet.");
        (byte[] first, CacheStatus miss) = await PostAsync(proxy.Address, question);
        (byte[] second, CacheStatus hit) = await PostAsync(proxy.Address, question);
        Assert.False(miss.IsHit);
        Assert.True(hit is { IsHit: true, Detail: "exact" }, hit.ToString());
        Assert.Equal(first, second);
        Assert.Equal(0, await proxy.RestartAsync());
        (byte[] third, CacheStatus persisted) = await PostAsync(proxy.Address, question);
        Assert.True(persisted is { IsHit: true, Detail: "exact" }, persisted.ToString());
        Assert.Equal(first, third);
    }

    [Fact]
    public async Task Post_SameQuestionInOtherWords_IsASemanticHit()
    {
        Uri proxy = await programs.AddressOfAsync(Server.Proxy);
        (byte[] first, _) = await PostAsync(proxy, Question("What is the best way to learn Python?"));
        (byte[] second, CacheStatus status) = await PostAsync(proxy, Question("What's the best way of learning Python?"), noStore: true);
        // The index learns of an answer just after its client has it.
        for (int i = 0; i < 50 && !status.IsHit; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            (second, status) = await PostAsync(proxy, Question("What's the best way of learning Python?"), noStore: true);
        }

        Assert.True(status is { IsHit: true, Detail: "semantic" }, status.ToString());
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("How many days are in 3 weeks?", "How many days are in 4 weeks?")]
    [InlineData("Is it safe to eat raw eggs?", "Is it not safe to eat raw eggs?")]
    public async Task Post_QuestionThatDiffersInWhatCounts_IsAMiss(string question, string other)
    {
        Uri proxy = await programs.AddressOfAsync(Server.Proxy);
        await PostAsync(proxy, Question(question));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        (_, CacheStatus status) = await PostAsync(proxy, Question(other));
        Assert.True(status is { IsHit: false, Forward: "miss" }, status.ToString());
    }

    private static string Question(string text)
        => $"{{\"model\":\"smollm2-135m-instruct\",\"temperature\":0,\"max_tokens\":8,\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}]}}";

    private static async Task<(byte[] Body, CacheStatus Status)> PostAsync(Uri proxy, string body, bool noStore = false)
    {
        using var client = new HttpClient { BaseAddress = proxy, Timeout = TimeSpan.FromMinutes(2) };
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
