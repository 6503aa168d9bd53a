using System.Text.Json;
using CacheProxy.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>What of a prompt is compared by its meaning and what must be the same, over the wire and with the bundled models.</summary>
public sealed class SemanticComparisonTests
{
    private const string Question = "What is the capital of France?";
    private const string Rephrased = "Can you tell me the capital of France?";
    private const string FollowUp = "What is 15 percent of 80?";
    private const string FollowUpRephrased = "What's 15% of 80?";
    private const string Rag = """(?s)^Passages:\n(?<context>.*)\nQuestion: (?<question>.*)$""";

    public static TheoryData<string> Dialects => new("chat", "responses", "messages");

    [Fact]
    public async Task Conversation_Exact_NeedsTheSameWordsBefore()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await AskIndexedAsync(proxy, "chat", "s", Question, "Paris.", FollowUp);

        Assert.Contains("semantic", await AskAsync(proxy, "chat", "s", Question, "Paris.", FollowUpRephrased), StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, "chat", "s", Rephrased, "Paris.", FollowUpRephrased), StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, "chat", "s", Question, "It is Paris.", FollowUpRephrased), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Conversation_Similar_NeedsMatchingQuestionsAndAgreeingAnswers(string dialect)
    {
        await using ProxyUnderTest proxy = await StartAsync(("Semantic:Context", "similar"));
        await AskIndexedAsync(proxy, dialect, "s", Question, "Paris.", FollowUp);

        foreach (string[] other in (string[][])
        [
            ["s", "What is the capital of Spain?", "Paris.", FollowUpRephrased],
            ["s", Rephrased, "Lyon.", FollowUpRephrased],
            ["s", "Which city has the most museums?", "Paris.", FollowUpRephrased],
            ["t", Rephrased, "Paris.", FollowUpRephrased],
            ["s", Rephrased, "Paris.", Question, "Paris.", FollowUpRephrased],
            ["s", FollowUpRephrased],
        ])
        {
            Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, dialect, noStore: true, other), StringComparison.Ordinal);
        }

        Assert.StartsWith("CacheProxy; hit; detail=semantic", await AskAsync(proxy, dialect, "s", Rephrased, "It is Paris.", FollowUpRephrased), StringComparison.Ordinal);
        // Whichever dialect the conversation goes on in.
        Assert.StartsWith("CacheProxy; hit; detail=semantic", await AskAsync(proxy, "messages", "s", Rephrased, "Paris.", FollowUpRephrased), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Template_Prompt_ComparesQuestionsOverTheSameContext(string dialect)
    {
        await using ProxyUnderTest proxy = await StartAsync(("Semantic:Templates:0", Rag));
        string passages = string.Concat(Enumerable.Repeat("France is a country. ", 200));
        await AskIndexedAsync(proxy, dialect, "s", Prompt(passages, Question));

        Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, dialect, noStore: true, "s", Prompt(passages + "Its capital moved.", Rephrased)), StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, dialect, noStore: true, "s", Prompt(passages, "What is the capital of Spain?")), StringComparison.Ordinal);
        // No template: compared as it is, the question alone is another prompt.
        Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, dialect, noStore: true, "s", Rephrased), StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; hit; detail=semantic", await AskAsync(proxy, dialect, "s", Prompt(passages, Rephrased)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Template_WherePolicyComesFromARule_ComparesQuestionsOverTheSameContext()
    {
        await using ProxyUnderTest proxy = await StartAsync(
            ("Semantic:Policy", "off"), ("Semantic:Rules:0:Model", "m"), ("Semantic:Rules:0:Policy", "static"), ("Semantic:Templates:0", Rag));
        string passages = string.Concat(Enumerable.Repeat("France is a country. ", 200));
        await AskIndexedAsync(proxy, "chat", "s", Prompt(passages, Question));

        Assert.StartsWith("CacheProxy; fwd=miss", await AskAsync(proxy, "chat", noStore: true, "s", Prompt(passages + "Its capital moved.", Rephrased)), StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; hit; detail=semantic", await AskAsync(proxy, "chat", "s", Prompt(passages, Rephrased)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Semantic:Templates:0", "(?<question>.*")]
    [InlineData("Semantic:Templates:0", "(?<question>.*)")]
    [InlineData("Semantic:Context", "alike")]
    public async Task Start_SettingThatIsNone_IsRefusedByItsName(string key, string value)
    {
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync((key, value)));

        Assert.Contains(key, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_ThatGoesBy_SaysWhyAndIsCounted()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Exact:AllowToolResults", "true"), ("Semantic:Templates:0", "^(?<context>(a+)+)(?<question>b)$"));
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        string tokens = string.Join(' ', Enumerable.Range(0, 300).Select(i => "bdf"[i % 3]));
        (string Prompt, string Reason)[] texts =
        [
            ("What is this? " + new string('x', 2000), "too_long"),
            (new string('x', 100 * 1024), "too_long"),
            (tokens, "too_long"),
            ("Why does this fail?\n```\nint x = y;\n```", "code_heavy"),
            ("What is the capital\u200B of France?", "hidden_text"),
            ("Quelle est la capitale de la France ?", "language"),
            ("ما هي عاصمة فرنسا؟", "language"),
            (new string('a', 40), "template_timeout"),
        ];
        foreach ((string prompt, string reason) in texts)
        {
            Assert.Equal($"CacheProxy; fwd=miss; stored; detail=semantic-{reason}", await AskAsync(proxy, "chat", "s", prompt));
        }

        const string Image = """{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""";
        const string ToolResult = """{"model":"m","messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"42"},{"role":"user","content":"What is the capital of France?"}]}""";
        Assert.Equal("CacheProxy; fwd=miss; stored; detail=semantic-non_text_content", (await proxy.SendAsync(Image)).CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored; detail=semantic-tool_results", (await proxy.SendAsync(ToolResult)).CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", await AskAsync(proxy, "chat", "s", "\U0001F600\U0001F389"));
        Assert.Equal(0, stage.IndexedQuestions);

        using HttpResponseMessage response = await proxy.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("cacheproxy_semantic_decisions_total{cacheproxy_semantic_reason=\"too_long\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("cacheproxy_semantic_decisions_total{cacheproxy_semantic_reason=\"tool_results\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_UnlikeAllOthers_IsAClearMissThatLaterHits()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await AskIndexedAsync(proxy, "chat", "s", "How do I bake sourdough bread at home?");
        await AskIndexedAsync(proxy, "chat", "s", Question);

        Assert.StartsWith("CacheProxy; hit; detail=semantic", await AskAsync(proxy, "chat", "s", Rephrased), StringComparison.Ordinal);
        using HttpResponseMessage response = await proxy.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("cacheproxy_semantic_decisions_total{cacheproxy_semantic_reason=\"clear_miss\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("cacheproxy_semantic_decisions_total{cacheproxy_semantic_reason=\"none\"} 1\n", page, StringComparison.Ordinal);
    }

    private static async Task<ProxyUnderTest> StartAsync(params (string Key, string Value)[] settings)
    {
        ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            settings.Append(("Semantic:Policy", "static")).DistinctBy(setting => setting.Item1).ToDictionary(setting => setting.Item1, setting => setting.Item2));
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(DialectTests.Shapes[context.Request.Path], context.RequestAborted);
        };
        return proxy;
    }

    private static string Prompt(string passages, string question) => $"Passages:\n{passages}\nQuestion: {question}";

    /// <param name="texts">Instructions, then turns, the user's first.</param>
    private static Task<string> AskAsync(ProxyUnderTest proxy, string dialect, params string[] texts) => AskAsync(proxy, dialect, noStore: false, texts);

    private static async Task<string> AskAsync(ProxyUnderTest proxy, string dialect, bool noStore, params string[] texts)
    {
        string system = JsonSerializer.Serialize(texts[0]);
        string turns = string.Join(',', texts.Skip(1).Select((text, i) => $$"""{"role":"{{(i % 2 == 0 ? "user" : "assistant")}}","content":{{JsonSerializer.Serialize(text)}}}"""));
        (string path, string body) = dialect switch
        {
            "responses" => ("/v1/responses", $$"""{"model":"m","max_output_tokens":9,"instructions":{{system}},"input":[{{turns}}]}"""),
            "messages" => ("/v1/messages", $$"""{"model":"m","max_tokens":9,"system":{{system}},"messages":[{{turns}}]}"""),
            _ => ("/v1/chat/completions", $$"""{"model":"m","max_tokens":9,"messages":[{"role":"system","content":{{system}}},{{turns}}]}"""),
        };
        Reply reply = await proxy.PostAsync(path, body, noStore ? [("Cache-Control", "no-store")] : []);
        return reply.CacheStatus!;
    }

    // The index learns of an answer just after its client has it.
    private static async Task AskIndexedAsync(ProxyUnderTest proxy, string dialect, params string[] texts)
    {
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        long before = stage.IndexedQuestions;
        Assert.Equal("CacheProxy; fwd=miss; stored", await AskAsync(proxy, dialect, texts));
        await Wait.UntilAsync(() => stage.IndexedQuestions > before, "the question is indexed");
    }
}
