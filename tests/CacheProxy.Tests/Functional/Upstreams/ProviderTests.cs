namespace CacheProxy.Tests.Functional.Upstreams;

/// <summary>What each kind of upstream gets, as its provider documents it.</summary>
public class ProviderTests
{
    private const string ChatBody = """{ "model":"m", "messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}] }""";
    private const string MessagesBody = """{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":"hi"}]}""";

    [Theory]
    [InlineData("openai", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("compatible", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("vllm", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("sglang", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("llamacpp", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("ollama", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("cacheproxy", Setup.Chat, Setup.Chat, "Authorization", "Bearer k-1")]
    [InlineData("azure", Setup.Chat, "/openai/deployments/m/chat/completions?api-version=2024-10-21", "api-key", "k-1")]
    [InlineData("anthropic", Setup.Messages, Setup.Messages, "x-api-key", "k-1")]
    public async Task Kind_GetsItsPathAndItsKey_AndNobodyElses(string kind, string path, string target, string header, string value)
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], ("0:Kind", kind), ("0:ApiKey", "k-1"), ("0:CacheHints", "false")));
        string body = path == Setup.Messages ? MessagesBody : ChatBody;

        await proxy.PostAsync(path, body, ("Authorization", "Bearer client"), ("x-api-key", "client"), ("api-key", "client"), ("Cookie", "session=client"));

        var (_, headers, sent) = provider.Requests.Single();
        Assert.Equal(target, provider.Targets.Single());
        Assert.Equal(value, headers[header]);
        Assert.DoesNotContain(headers.Values, text => text.Contains("client", StringComparison.Ordinal));
        Assert.Equal(kind == "cacheproxy", headers.ContainsKey("X-CacheProxy-Salt"));
        Assert.Equal(body, sent);
    }

    [Theory]
    [InlineData(null, "2023-06-01")]
    [InlineData("2024-01-01", "2024-01-01")]
    public async Task Anthropic_GetsAVersion_TheClientsWhereItHasOne(string? asked, string expected)
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], ("0:Kind", "anthropic"), ("0:ApiKey", "k")));

        await proxy.PostAsync(Setup.Messages, MessagesBody, asked is null ? [] : [("anthropic-version", asked)]);

        Assert.Equal(expected, provider.Requests.Single().Headers["anthropic-version"]);
    }

    [Fact]
    public async Task Anthropic_GetsACacheMark_WhereTheSettingsWantIt()
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], ("0:Kind", "anthropic"), ("0:CacheControl", "true")));

        await proxy.PostAsync(Setup.Messages, MessagesBody);

        Assert.Equal(MessagesBody.Replace("\"s\"", """[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]"""), provider.Requests.Single().Body);
    }

    [Fact]
    public async Task OpenAI_GetsOneCacheKeyForOneBeginningOfOneTenant()
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], ("0:Kind", "openai")));
        (string, string) tenant = ("Authorization", "Bearer a");

        await proxy.AskAsync("one", headers: tenant);
        await proxy.AskAsync("two", headers: tenant);
        await proxy.AskAsync("one", headers: ("Authorization", "Bearer b"));
        await proxy.AskAsync("three", extra: ",\"prompt_cache_key\":\"mine\"", headers: tenant);

        string[] bodies = [.. provider.Requests.Select(request => request.Body)];
        string?[] keys = [.. bodies.Select(body => (string?)System.Text.Json.Nodes.JsonNode.Parse(body)!["prompt_cache_key"])];
        Assert.Matches("^[0-9a-f]{32}$", keys[0]);
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
        Assert.Equal("mine", keys[3]);
        Assert.Equal(ProxyUnderTest.Question("one")[..^1] + $",\"prompt_cache_key\":\"{keys[0]}\"}}", bodies[0]);
    }

    [Fact]
    public async Task Vllm_GetsTheSaltOfTheTenant()
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], ("0:Kind", "vllm")));

        await proxy.AskAsync("one", headers: ("Authorization", "Bearer a"));
        await proxy.AskAsync("one", headers: ("Authorization", "Bearer b"));

        string?[] salts = [.. provider.Requests.Select(request => (string?)System.Text.Json.Nodes.JsonNode.Parse(request.Body)!["cache_salt"])];
        Assert.Matches("^[0-9a-f]{32}$", salts[0]);
        Assert.NotEqual(salts[0], salts[1]);
        Assert.DoesNotContain(provider.Requests, request => request.Headers.Keys.Any(name => name.StartsWith("X-CacheProxy", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task AzuresClients_AreServedFromTheCache_LikeAnyOther()
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)]));
        const string path = "/openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01";

        Reply first = await proxy.PostAsync(path, ChatBody, ("api-key", "a"));
        Reply again = await proxy.PostAsync(path, ChatBody.Replace("\"model\":\"m\", ", ""), ("api-key", "a"));
        Reply plain = await proxy.PostAsync(Setup.Chat, ChatBody.Replace("\"m\"", "\"gpt-4o\""), ("api-key", "a"));
        Reply other = await proxy.PostAsync(path.Replace("4o", "4"), ChatBody, ("api-key", "a"));

        Assert.Equal("CacheProxy; fwd=miss; stored", first.CacheStatus);
        Assert.Contains("hit; detail=exact", again.CacheStatus);
        Assert.Contains("hit; detail=exact", plain.CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", other.CacheStatus);
        Assert.Equal([Setup.Chat, Setup.Chat], provider.Targets);
        Assert.Equal(ChatBody.Replace("\"m\"", "\"gpt-4o\""), provider.Requests.First().Body);
    }

    [Theory]
    [InlineData("openai", null, true)]
    [InlineData("vllm", null, true)]
    [InlineData("compatible", null, false)]
    [InlineData("compatible", "true", true)]
    [InlineData("openai", "false", false)]
    public async Task Streams_AreAskedForTheirUsage_WhichClientsThatDidNotAskDoNotSee(string kind, string? setting, bool isAsked)
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        provider.Script = (context, _) => Answers.StreamAsync(context, ["hel", "lo"], usage: isAsked);
        (string, string)[] more = [("0:Kind", kind), ("0:CacheHints", "false"), .. setting is null ? [] : new[] { ("0:IncludeUsage", setting) }];
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], more));
        string body = ProxyUnderTest.Question(stream: true);

        Reply first = await proxy.SendAsync(body);
        Reply again = await proxy.SendAsync(body);

        Assert.Equal(isAsked ? body[..^1] + ",\"stream_options\":{\"include_usage\":true}}" : body, provider.Requests.Single().Body);
        Assert.Equal(Answers.Stream("hel", "lo"), first.Text);
        Assert.Equal(first.Text, again.Text);
        Assert.Contains("hit", again.CacheStatus);
    }
}
