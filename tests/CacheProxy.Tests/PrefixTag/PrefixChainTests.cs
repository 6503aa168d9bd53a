using CacheProxy.Exchange;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Fingerprint;
using CacheProxy.PrefixTag;
using CacheProxy.Tenancy;
using CacheProxy.Tests.Fingerprint;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.PrefixTag;

public class PrefixChainTests
{
    private const string System = """{"role":"system","content":"be brief"}""";

    private readonly FingerprintHarness _harness = new();
    private readonly PrefixChain _sut = new(new InstallationSecret("a secret of more than thirty-two characters", "", NullLogger<InstallationSecret>.Instance));

    [Fact]
    public void Questions_AfterOneSystemPrompt_ShareTheirPrefix()
        => Assert.Equal(Ids(System, User("one")), Ids(System, User("two")));

    [Fact]
    public void Conversations_HaveIdsInCommonAsFarAsTheyAreTheSame()
    {
        IReadOnlyList<string> shorter = Ids(System, User("one"), User("two"));
        IReadOnlyList<string> longer = Ids(System, User("one"), Assistant("a"), User("three"));

        Assert.Equal(3, shorter.Count);
        Assert.Equal(4, longer.Count);
        Assert.Equal(shorter, longer.Take(3));
        Assert.Equal(longer.Count, longer.Distinct().Count());
    }

    [Fact]
    public void Spelling_OfAMessage_ChangesNothing()
        => Assert.Equal(Ids(System, User("x")), Ids("""{ "content":"be \u0062rief", "role":"system" }""", User("x")));

    [Theory]
    [InlineData("""{"role":"assistant","content":"a","refusal":null,"annotations":[]}""")]
    [InlineData("""{"content":[{"type":"text","text":"a"}],"role":"assistant"}""")]
    [InlineData("""{"role":"assistant","content":[{"text":"\u0061","type":"text","cache_control":{"type":"ephemeral"}}],"tool_calls":null}""")]
    public void Answer_SentBack_IsTheSameHoweverItIsSpelled(string turn)
        => Assert.Equal(Ids(System, User("q"), Assistant("a"), User("x")), Ids(System, User("q"), turn, User("x")));

    [Theory]
    [InlineData("""{"role":"assistant","content":"b"}""")]
    [InlineData("""{"role":"user","content":"a"}""")]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":""}]}""")]
    [InlineData("""{"role":"assistant","content":[{"type":"refusal","text":"a"}]}""")]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"a","name":"n"}]}""")]
    [InlineData("""{"role":"assistant","content":"a","tool_calls":[{"id":"c"}]}""")]
    public void Answer_OfAnotherMeaning_IsAnotherPrefix(string turn)
        => Assert.NotEqual(Ids(System, User("q"), Assistant("a"), User("x"))[^1], Ids(System, User("q"), turn, User("x"))[^1]);

    [Fact]
    public void Extend_WithTheAnswer_IsTheBoundaryOfTheNextTurn()
    {
        PromptOutline first = Outline(Dialect.OpenAIChat, Body("m", "", System, User("q")));
        PromptOutline second = Outline(Dialect.OpenAIChat, Body("m", "", System, User("q"), Assistant("an \u00e9tude"), User("x")));

        Assert.Equal(first.End.Id, second.Boundaries[2].Id);
        Assert.Equal(second.Prefix.Id, _sut.Extend(first.End.Id, "an étude"));
    }

    [Fact]
    public void Extend_OfResponses_LeavesOutTheItemsBookkeeping()
    {
        const string item = """{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"a"}]}""";
        PromptOutline first = Outline(Dialect.OpenAIResponses, """{"model":"m","input":"q"}""");
        PromptOutline second = Outline(Dialect.OpenAIResponses, $$"""{"model":"m","input":[{"role":"user","content":"q"},{{item}},{"role":"user","content":"x"}]}""");

        Assert.Equal(first.End.Id, second.Boundaries[1].Id);
        Assert.Equal(second.Prefix.Id, _sut.Extend(first.End.Id, "a"));
    }

    [Fact]
    public void Fields_InWhateverOrder_MakeOneChain()
    {
        const string tools = "\"tools\":[{\"name\":\"f\"}]", system = "\"system\":\"s\"", turns = "\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]";
        string[] orders = [$"{tools},{system},{turns}", $"{turns},{system},{tools}", $"{system},{turns},{tools}"];

        Assert.Single(orders.Select(order => Outline(Dialect.AnthropicMessages, $"{{\"model\":\"m\",{order}}}").End.Id).Distinct());
    }

    [Fact]
    public void Marks_AreFoundAtTheirBoundaries()
    {
        const string mark = ",\"cache_control\":{\"type\":\"ephemeral\"}", hour = ",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}";
        string Body(string tool, string system, string first, string second, string top) => $$"""
            {"model":"m","tools":[{"name":"f"{{tool}}}],"system":[{"type":"text","text":"s"{{system}}}]{{top}},
             "messages":[{"role":"user","content":[{"type":"text","text":"a"{{first}}},{"type":"text","text":"b"{{second}}}]},{"role":"user","content":"q"}]}
            """;
        (PromptMark[] Marks, bool IsInner) Of(string tool = "", string system = "", string first = "", string second = "", string top = "")
        {
            PromptOutline outline = Outline(Dialect.AnthropicMessages, Body(tool, system, first, second, top));
            return ([.. outline.Boundaries.Select(boundary => boundary.Mark)], outline.HasInnerMark);
        }

        Assert.Equivalent(new PromptMark[] { 0, 0, 0 }, Of().Marks);
        Assert.Equal([PromptMark.Hour, 0, 0], Of(system: hour).Marks);
        Assert.Equal([0, PromptMark.Default, 0], Of(second: mark).Marks);
        Assert.Equal([0, 0, PromptMark.Default], Of(top: mark).Marks);
        Assert.False(Of(system: hour, second: mark).IsInner);
        Assert.True(Of(tool: mark).IsInner);
        Assert.True(Of(first: mark).IsInner);
    }

    [Fact]
    public void EverythingInFrontOfTheMessages_IsInThePrefix()
    {
        string plain = Ids(System, User("x"))[^1];

        Assert.NotEqual(plain, Compute(Body("other", "", System, User("x")))[^1]);
        Assert.NotEqual(plain, Compute(Body("m", ",\"tools\":[{\"type\":\"function\"}]", System, User("x")))[^1]);
        Assert.Equal(plain, Compute(Body("m", ",\"temperature\":0", System, User("x")))[^1]);
    }

    [Fact]
    public void Scopes_ShareNeitherIdsNorSalts()
    {
        string body = Body("m", "", System, User("x"));

        Assert.NotEqual(Compute(body, "a"), Compute(body, "b"));
        Assert.NotEqual(_sut.Salt(_harness.Exchange(body, "a").Scope), _sut.Salt(_harness.Exchange(body, "b").Scope));
        Assert.Matches("^[0-9a-f]{32}$", _sut.Salt(_harness.Exchange(body, "a").Scope));
    }

    [Theory]
    [InlineData(Dialect.OpenAIResponses, "instructions", "input", "\"s\"", "\"q\"")]
    [InlineData(Dialect.OpenAIResponses, "instructions", "input", "\"s\"", """[{"role":"user","content":"q"}]""")]
    [InlineData(Dialect.AnthropicMessages, "system", "messages", "\"s\"", """[{"role":"user","content":"q"}]""")]
    public void Instructions_OfTheirOwn_AreInThePrefix(Dialect dialect, string system, string turns, string text, string question)
    {
        string Body(string s, string q) => $$"""{"model":"m","{{system}}":{{s}},"{{turns}}":{{q}}}""";
        IReadOnlyList<string> one = Compute(dialect, Body(text, question));

        Assert.Single(one);
        Assert.Equal(one, Compute(dialect, Body(text, question.Replace("q", "another", StringComparison.Ordinal))));
        Assert.NotEqual(one, Compute(dialect, Body("\"t\"", question)));
        Assert.NotEqual(one, Compute(dialect, Body("null", question)));
    }

    [Fact]
    public void CacheControl_OfBlocks_ChangesNoId()
    {
        const string plain = """{"model":"m","tools":[{"name":"f"}],"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":"b"},{"role":"user","content":"q"}]}""";
        string marked = plain.Replace("\"name\":\"f\"", "\"name\":\"f\",\"cache_control\":{}").Replace("\"text\":\"s\"", "\"text\":\"s\",\"cache_control\":{}").Replace("\"text\":\"a\"", "\"text\":\"a\",\"cache_control\":{}");

        Assert.Equal(3, Compute(Dialect.AnthropicMessages, plain).Count);
        Assert.Equal(Compute(Dialect.AnthropicMessages, plain), Compute(Dialect.AnthropicMessages, marked));
        Assert.NotEqual(Compute(Dialect.AnthropicMessages, plain), Compute(Dialect.AnthropicMessages, plain.Replace("\"b\"", "\"c\"")));
    }

    [Fact]
    public void Completions_HaveNoTurns() => Assert.Single(Compute(Dialect.OpenAICompletions, """{"model":"m","prompt":"x"}"""));

    [Fact]
    public void Nesting_AsDeepAsARequestMayHave_IsRead()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 200)) + new string(']', 200);

        Assert.Equal(2, Ids($$"""{"role":"user","content":{{deep}}}""", User("x")).Count);
    }

    private IReadOnlyList<string> Compute(Dialect dialect, string body) => PrefixIds(Outline(dialect, body));

    private PromptOutline Outline(Dialect dialect, string body)
    {
        var harness = new FingerprintHarness { Dialect = dialect };
        ExchangeFeature exchange = harness.Exchange(body);
        FingerprintedRequest request = harness.Read(body);
        exchange.Facts = request.Facts;
        exchange.Route = request.Route;
        return _sut.Read(exchange);
    }

    private IReadOnlyList<string> Ids(params string[] messages) => Compute(Body("m", "", messages));

    private IReadOnlyList<string> Compute(string body, string key = "")
    {
        ExchangeFeature exchange = _harness.Exchange(body, key);
        FingerprintedRequest request = _harness.Read(body, key);
        exchange.Facts = request.Facts;
        exchange.Route = request.Route;
        return PrefixIds(_sut.Read(exchange));
    }

    // Of what others may have in common with it: all boundaries but the end.
    private static string[] PrefixIds(PromptOutline outline) => [.. outline.Boundaries[..Math.Max(1, outline.Boundaries.Length - 1)].Select(boundary => boundary.IdText())];

    private static string Body(string model, string extra, params string[] messages)
        => $$"""{"messages":[{{string.Join(',', messages)}}],"model":"{{model}}"{{extra}}}""";

    private static string User(string text) => $$"""{"role":"user","content":"{{text}}"}""";

    private static string Assistant(string text) => $$"""{"role":"assistant","content":"{{text}}"}""";
}
