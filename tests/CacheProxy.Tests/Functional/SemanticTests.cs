using System.Globalization;
using CacheProxy.Protocol;
using CacheProxy.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

public sealed class SemanticTests
{
    private const string Question = "What is the capital of France?";
    private const string Rephrased = "Can you tell me the capital of France?";

    [Fact]
    public async Task Request_SameQuestionInOtherWords_GetsTheSameBytesAndSaysSo()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        Reply first = await AskIndexedAsync(proxy, ProxyUnderTest.Question(Question));
        proxy.Clock.Advance(TimeSpan.FromSeconds(10));

        Reply second = await proxy.AskAsync(Rephrased);

        Assert.Equal("CacheProxy; hit; detail=semantic; ttl=3590", second.CacheStatus);
        Assert.Equal("10", second.Header(HeaderNames.Age));
        Assert.Equal(first.Body, second.Body);
        Assert.Matches("^0\\.[0-9]{4}$", second.Header(HeaderNames.Similarity));
        Assert.InRange(float.Parse(second.Header(HeaderNames.Similarity)!, CultureInfo.InvariantCulture), 0.8f, 1f);
        Assert.Equal(32, second.Header(HeaderNames.Entry)!.Length);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_RephrasedAtOnce_FindsTheAnswerThatJustEnded(bool stream)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        proxy.Upstream.Script = (context, _) => stream ? Answers.StreamAsync(context, ["A ", "city."]) : Answers.ObjectAsync(context, "A city.");
        foreach (string capital in (string[])["France", "Spain", "Italy", "Austria", "Norway", "Greece", "Egypt", "Kenya", "Peru", "Chile"])
        {
            await proxy.AskAsync($"What is the capital of {capital}?", stream: stream);

            Reply second = await proxy.AskAsync($"Can you tell me the capital of {capital}?", stream: stream);
            Assert.True(second.CacheStatus!.Contains("detail=semantic", StringComparison.Ordinal), capital);
        }

        await Wait.UntilAsync(() => proxy.Services.GetRequiredService<SemanticStage>().Pending!.Count == 0, "nothing is pending");
    }

    [Fact]
    public async Task Request_RephrasedAsAStream_ReplaysAsAStream()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await AskIndexedAsync(proxy, ProxyUnderTest.Question(Question));

        Reply second = await proxy.AskAsync(Rephrased, stream: true);

        Assert.StartsWith("CacheProxy; hit; detail=semantic", second.CacheStatus, StringComparison.Ordinal);
        Assert.StartsWith("text/event-stream", second.ContentType, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", second.Text, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Request_AnythingButTheWordingDiffers_NeverHits()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        string system = """{"role":"system","content":"s"}""";
        await AskIndexedAsync(proxy, ProxyUnderTest.Question(Question));
        string[] others =
        [
            Body("""{"role":"system","content":"other"}"""),
            Body("""{"role":"user","content":"s"}"""),
            Body(system + """,{"role":"user","content":"Hello"},{"role":"assistant","content":"Hi"}"""),
            Body(system, model: "m2"),
            Body(system, extra: ""","temperature":0.1"""),
            Body(system, extra: ""","max_tokens":5"""),
            Body(system, extra: ""","some_new_field":1"""),
            Body(system, extra: ""","response_format":{"type":"json_object"}"""),
            Body(system, extra: ""","tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]"""),
        ];

        // First the control: the wording alone hits. Nothing of it is stored, so the others cannot meet it.
        Assert.Contains("semantic", (await proxy.SendAsync(Body(system))).CacheStatus);
        foreach (string other in others)
        {
            Assert.DoesNotContain("semantic", (await proxy.SendAsync(other)).CacheStatus);
        }

        Assert.DoesNotContain("semantic", (await proxy.SendAsync(Body(system), ("Authorization", "Bearer another"))).CacheStatus);
        Assert.DoesNotContain("semantic", (await proxy.SendAsync(Body(system), (HeaderNames.Namespace, "another"))).CacheStatus);
        Assert.Equal(others.Length + 3, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("off", false)]
    [InlineData("0.99", false)]
    [InlineData("0.1", true)]
    public async Task Request_ClientTightens_IsHeeded(string header, bool isHit)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await AskIndexedAsync(proxy, ProxyUnderTest.Question(Question));

        Reply second = await proxy.AskAsync(Rephrased, headers: (HeaderNames.Semantic, header));

        Assert.Equal(isHit, second.CacheStatus!.Contains("semantic", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_OtherNumber_IsAMiss()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await AskIndexedAsync(proxy, ProxyUnderTest.Question("What is 15 percent of 80?"));

        Assert.Contains("fwd=miss", (await proxy.AskAsync("What is 15 percent of 90?")).CacheStatus);
        Assert.Contains("semantic", (await proxy.AskAsync("What's 15% of 80?")).CacheStatus);
    }

    [Fact]
    public async Task Request_ShadowPolicy_ServesNothing()
    {
        await using ProxyUnderTest proxy = await StartAsync("shadow");
        await AskIndexedAsync(proxy, ProxyUnderTest.Question(Question));

        Assert.Contains("fwd=miss", (await proxy.AskAsync(Rephrased)).CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Start_UnknownPolicy_IsRefusedWithTheAllowedOnes()
    {
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync("adaptive"));

        Assert.Contains("Semantic:Policy 'adaptive' is unknown; use 'static', 'learned', 'shadow' or 'off'", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/responses", """{"model":"m","max_output_tokens":9,"instructions":"s","input":"QUESTION"}""", "\"response\"")]
    [InlineData("/v1/responses", """{"model":"m","max_output_tokens":9,"instructions":"s","input":[{"role":"user","content":[{"type":"input_text","text":"QUESTION"}]}]}""", "\"response\"")]
    [InlineData("/v1/messages", """{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":"QUESTION"}]}""", "\"message\"")]
    public async Task Request_SameQuestionInOtherWordsAndAnotherDialect_GetsTheAnswerInItsOwn(string path, string body, string shape)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await AskIndexedAsync(proxy, ProxyUnderTest.Question(Question, extra: ",\"max_tokens\":9"));

        Reply other = await proxy.PostAsync(path, body.Replace("QUESTION", Rephrased));
        Reply elsewhere = await proxy.PostAsync(path, body.Replace("QUESTION", Rephrased).Replace("\"s\"", "\"t\""));

        Assert.StartsWith("CacheProxy; hit; detail=semantic", other.CacheStatus, StringComparison.Ordinal);
        Assert.Contains(shape, other.Text, StringComparison.Ordinal);
        Assert.Contains("hello", other.Text, StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; fwd=miss", elsewhere.CacheStatus, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completions_AreNeverAnsweredBySimilarity()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        var stage = proxy.Services.GetRequiredService<SemanticStage>();

        await proxy.PostAsync("/v1/completions", $$"""{"model":"m","prompt":"{{Question}}"}""");
        Reply other = await proxy.PostAsync("/v1/completions", $$"""{"model":"m","prompt":"{{Rephrased}}"}""");

        Assert.StartsWith("CacheProxy; fwd=miss", other.CacheStatus, StringComparison.Ordinal);
        Assert.Equal(0, stage.IndexedQuestions);
    }

    private static Task<ProxyUnderTest> StartAsync(string policy = "static")
        => ProxyUnderTest.StartAsync(new Dictionary<string, string> { ["Semantic:Policy"] = policy });

    private static string Body(string before, string model = "m", string extra = "")
        => $$"""{"model":"{{model}}","messages":[{{before}},{"role":"user","content":"{{Rephrased}}"}]{{extra}}}""";

    // The index learns of an answer just after its client has it.
    private static async Task<Reply> AskIndexedAsync(ProxyUnderTest proxy, string body)
    {
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        long before = stage.IndexedQuestions;
        Reply reply = await proxy.SendAsync(body);
        await Wait.UntilAsync(() => stage.IndexedQuestions > before, "the question is indexed");
        return reply;
    }
}
