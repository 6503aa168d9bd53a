using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Admin;

public class SeedTests
{
    private const string Plain = """{"model":"m","system":"s","question":"hi","answer":"seeded","tags":["faq"],"namespace":"kb","ttl_seconds":60}""";

    [Fact]
    public async Task Question_Seeded_IsAnsweredAsIfItHadBeenAsked()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply seed = await SeedAsync(proxy, Plain);

        Assert.Equal((200, 1L), (seed.Status, seed.Json.GetProperty("seeded").GetInt64()));
        Reply hit = await proxy.AskAsync(headers: (HeaderNames.Namespace, "kb"));
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=60", hit.CacheStatus);
        Assert.Equal("seeded", hit.Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Reply stream = await proxy.AskAsync(stream: true, headers: (HeaderNames.Namespace, "kb"));
        Assert.Contains("seeded", stream.Text);
        Assert.Equal(0, proxy.Upstream.Calls);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync()).CacheStatus);
        Assert.Equal(1, (await proxy.ActAsync("/admin/purge", """{"tag":"faq"}""")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Request_Seeded_WithItsParametersAndTenant_IsFoundByThatTenantOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var line = new
        {
            request = JsonDocument.Parse(ProxyUnderTest.Question(extra: ""","temperature":0,"user":"alice" """)).RootElement,
            answer = JsonDocument.Parse(Answers.Object("whole")).RootElement,
            api_key = "sk-tenant",
        };

        Assert.Equal(200, (await SeedAsync(proxy, JsonSerializer.Serialize(line))).Status);

        Reply hit = await proxy.AskAsync(extra: ""","temperature":0""", headers: ("Authorization", "Bearer sk-tenant"));
        Assert.StartsWith("CacheProxy; hit", hit.CacheStatus);
        Assert.Contains("whole", hit.Text);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync(extra: ""","temperature":0""")).CacheStatus);
        Assert.Equal(1, (await proxy.ActAsync("/admin/purge", """{"user":"alice"}""")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Seeds_AreTold_ToTheObservers()
    {
        var observer = new Listener();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => services.AddSingleton<IAnswerObserver>(observer));

        await SeedAsync(proxy, Plain, Plain.Replace("hi", "ho", StringComparison.Ordinal));
        await SeedAsync(proxy, true, Plain.Replace("hi", "ha", StringComparison.Ordinal));

        Assert.Equal(["hi", "ho"], observer.Questions);
    }

    [Fact]
    public async Task DryRun_StoresNothing()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(200, (await SeedAsync(proxy, true, Plain)).Status);

        Assert.Equal(0, (await proxy.ActAsync("/admin/purge", """{"all":true}""")).Json.GetProperty("count").GetInt64());
    }

    [Theory]
    [InlineData("""{"model":"m","question":"q"}""", "answer")]
    [InlineData("""{"model":"m","question":"q","answer":1}""", "answer")]
    [InlineData("""{"model":"m","question":"q","answer":""}""", "answer")]
    [InlineData("""{"model":"m","question":"q","answer":{"error":{"message":"no"}}}""", "answer")]
    [InlineData("""{"question":"q","answer":"a"}""", "model")]
    [InlineData("""{"model":"m","answer":"a"}""", "question")]
    [InlineData("""{"model":"m","question":"q","messages":[],"answer":"a"}""", "question")]
    [InlineData("""{"model":"m","messages":"q","answer":"a"}""", "messages")]
    [InlineData("""{"model":"m","question":"q","answer":"a","colour":"red"}""", "colour")]
    [InlineData("""{"model":"m","question":"q","answer":"a","tags":["a b"]}""", "tags")]
    [InlineData("""{"model":"m","question":"q","answer":"a","namespace":"a b"}""", "namespace")]
    [InlineData("""{"model":"m","question":"q","answer":"a","ttl_seconds":0}""", "ttl_seconds")]
    [InlineData("""{"model":"m","question":"q","answer":"a","dialect":"telepathy"}""", "dialect")]
    [InlineData("""{"model":"m","question":"q","answer":"a","dialect":"embeddings"}""", "dialect")]
    [InlineData("""{"request":{"model":"m","n":2,"messages":[{"role":"user","content":"q"}]},"answer":"a"}""", "request")]
    [InlineData("nonsense", null)]
    public async Task Line_Faulty_IsNamedAndNothingIsStored(string line, string? field)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await SeedAsync(proxy, Plain, "", line);

        Assert.Equal(400, reply.Status);
        JsonElement fault = Assert.Single(reply.Json.GetProperty("faults").EnumerateArray());
        Assert.Equal(3, fault.GetProperty("line").GetInt64());
        Assert.Equal(field, fault.TryGetProperty("param", out JsonElement param) ? param.GetString() : null);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync(headers: (HeaderNames.Namespace, "kb"))).CacheStatus);
    }

    private static Task<Reply> SeedAsync(ProxyUnderTest proxy, params string[] lines) => SeedAsync(proxy, false, lines);

    private static Task<Reply> SeedAsync(ProxyUnderTest proxy, bool isDryRun, params string[] lines)
        => proxy.CallAsync(HttpMethod.Post, $"/admin/seed?dry_run={(isDryRun ? "true" : "false")}", string.Join('\n', lines), [], "application/x-ndjson");

    private sealed class Listener : IAnswerObserver
    {
        public List<string?> Questions { get; } = [];

        public ValueTask OnRecordedAsync(ExchangeFeature exchange, CacheEntry entry, CancellationToken cancellationToken)
        {
            Questions.Add(exchange.Facts.LastUserText);
            return ValueTask.CompletedTask;
        }
    }
}
