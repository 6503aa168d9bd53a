using System.Text.Json;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Upstreams;

public class RoutingTests
{
    [Fact]
    public async Task Alias_IsSentAsTheUpstreamsModel_AndNothingElseChanges()
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", provider.Url)], [.. Setup.Fallbacks("p"), ("Routes:0:Model", "gpt-4o-mini")]));
        const string body = "{ \"messages\" : [ {\"role\":\"user\",\"content\":\"say \\\"m\\\"\"} ],\n \"model\":\t\"m\" ,\"temperature\":0.50}";

        Reply reply = await proxy.PostAsync(Setup.Chat, body);

        Assert.Equal(body.Replace("\t\"m\"", "\t\"gpt-4o-mini\""), provider.Requests.Single().Body);
        Assert.Equal(body.Length + "gpt-4o-mini".Length - 1, int.Parse(provider.Requests.Single().Headers["Content-Length"]));
        Assert.Equal(Answers.Object("hello"), reply.Text);
    }

    [Theory]
    [InlineData("false", 2)]
    [InlineData("true", 1)]
    public async Task Aliases_ShareAnswers_OnlyWhereTheSettingsSaySo(string share, int calls)
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("p", provider.Url)], [.. Setup.Fallbacks("p"), ("Routes:0:Models", "m,n"), ("Routes:0:Model", "gpt"), ("Routes:0:ShareAliases", share)]));

        await proxy.AskAsync();
        await proxy.SendAsync(ProxyUnderTest.Question().Replace("\"m\"", "\"n\""));

        Assert.Equal(calls, provider.Calls);
    }

    [Theory]
    [InlineData(Setup.Chat, "model_not_found")]
    [InlineData(Setup.Messages, null)]
    public async Task Model_ThatNobodyServes_Is404InTheProvidersShape(string path, string? code)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", "http://127.0.0.1:9")], ("0:Models", "gpt-*")));

        Reply reply = await proxy.PostAsync(path, """{"model":"llama","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(404, reply.Status);
        JsonElement error = reply.Json.GetProperty("error");
        Assert.Contains("llama", error.GetProperty("message").GetString());
        Assert.Equal(code ?? "not_found_error", error.GetProperty(code is null ? "type" : "code").GetString());
    }

    [Fact]
    public async Task Model_NotServedInThisDialect_IsToldInThisDialect()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("p", "http://127.0.0.1:9")], ("0:Kind", "openai")));

        Reply reply = await proxy.PostAsync(Setup.Messages, """{"model":"gpt","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(404, reply.Status);
        Assert.Equal("error", reply.Json.GetProperty("type").GetString());
        Assert.Contains("not served through the messages API, but through: chat", reply.Json.GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Weights_ShareTheRequests()
    {
        await using ScriptedUpstream a = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream b = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", a.Url), ("b", b.Url)],
            [.. Setup.Fallbacks("a"), ("Routes:0:Destinations:0:Weight", "3"), ("Routes:0:Destinations:1:Upstream", "b"), ("Routes:0:Destinations:1:Model", "m-of-b")]));

        for (int i = 0; i < 8; i++)
        {
            await proxy.AskAsync($"question {i}");
        }

        Assert.Equal((6, 2), (a.Calls, b.Calls));
        Assert.All(b.Requests, request => Assert.Contains("\"model\":\"m-of-b\"", request.Body));
        // One route has one cache, whoever answered.
        Assert.Contains("hit", (await proxy.AskAsync("question 3")).CacheStatus);
    }

    [Fact]
    public async Task Equals_TakeOverAtOnce_AndWhatTheyAnswerIsStored()
    {
        await using ScriptedUpstream b = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", Setup.ClosedPort()), ("b", b.Url)],
            [.. Setup.Fallbacks("a"), ("0:Retries", "5"), ("Routes:0:Destinations:1:Upstream", "b"), ("Routes:0:Destinations:1:Model", "another-name")]));

        Assert.Equal("CacheProxy; fwd=miss; stored", (await proxy.AskAsync("one")).CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", (await proxy.AskAsync("two")).CacheStatus);
        Assert.Equal(2, b.Calls);
    }

    [Fact]
    public async Task Models_OfAllRoutesAreListed_InEitherForm()
    {
        await using ScriptedUpstream a = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream b = await ScriptedUpstream.StartAsync();
        a.Script = (context, _) => WriteAsync(context, """{"object":"list","data":[{"id":"gpt-1","object":"model","created":5,"owned_by":"openai","max_model_len":7},{"id":"hidden","object":"model","created":5,"owned_by":"x"}]}""");
        b.Script = (context, _) => WriteAsync(context, """{"data":[{"type":"model","id":"claude-1","display_name":"Claude 1","created_at":"2025-01-02T03:04:05Z"}],"has_more":false}""");
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", a.Url), ("b", b.Url), ("gone", Setup.ClosedPort())],
            [.. Setup.Fallbacks("a"), ("0:Models", "gpt-*"), ("0:ApiKey", "key-a"), ("1:Kind", "anthropic"), ("1:Models", "claude-*"), ("1:ApiKey", "key-b"), ("2:Models", "local"), ("Routes:0:Model", "gpt-1")]));
        CancellationToken stop = TestContext.Current.CancellationToken;

        JsonElement openai = JsonDocument.Parse(await proxy.Client.GetStringAsync("/v1/models", stop)).RootElement;
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "anthropic-version", "2023-06-01" } } };
        using HttpResponseMessage response = await proxy.Client.SendAsync(request, stop);
        JsonElement anthropic = JsonDocument.Parse(await response.Content.ReadAsStringAsync(stop)).RootElement;
        JsonElement one = JsonDocument.Parse(await proxy.Client.GetStringAsync("/v1/models/claude-1", stop)).RootElement;

        Assert.Equal(["claude-1", "gpt-1", "local", "m"], openai.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()));
        Assert.Equal(7, openai.GetProperty("data")[1].GetProperty("max_model_len").GetInt32());
        Assert.Equal(["Claude 1", "gpt-1", "local", "m"], anthropic.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("display_name").GetString()));
        Assert.Equal("2025-01-02T03:04:05Z", anthropic.GetProperty("data")[0].GetProperty("created_at").GetString());
        Assert.Equal(1735787045, one.GetProperty("created").GetInt64());
        Assert.Equal("Bearer key-a", a.Requests.First().Headers["Authorization"]);
        Assert.Equal("key-b", b.Requests.First().Headers["x-api-key"]);
        Assert.Equal("invalid_request_error", await UnknownAsync(proxy, null));
        Assert.Equal("not_found_error", await UnknownAsync(proxy, "2026-10-21"));
    }

    private static async Task<string?> UnknownAsync(ProxyUnderTest proxy, string? version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models/nobody");
        request.Headers.TryAddWithoutValidation("anthropic-version", version is null ? [] : [version]);
        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        JsonElement body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(System.Net.HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(version is not null, body.TryGetProperty("request_id", out _));
        return body.GetProperty("error").GetProperty("type").GetString();
    }

    [Fact]
    public async Task Change_OfTheSettings_IsTakenOverWhileRunning()
    {
        await using ScriptedUpstream a = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", a.Url)], ("0:ApiKey", "old-key")));
        await proxy.AskAsync();

        string text = await File.ReadAllTextAsync(proxy.ConfigurationPath, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(proxy.ConfigurationPath, text.Replace("old-key", "new key"), TestContext.Current.CancellationToken);
        await AskUntilAsync(proxy, () => a.Requests.Count > 2);
        Assert.Equal("Bearer old-key", a.Requests.Last().Headers["Authorization"]);
        await File.WriteAllTextAsync(proxy.ConfigurationPath, text.Replace("old-key", "new-key"), TestContext.Current.CancellationToken);
        await AskUntilAsync(proxy, () => a.Requests.Last().Headers["Authorization"] == "Bearer new-key");

        // The key is no part of what was asked.
        Assert.Contains("hit; detail=exact", (await proxy.AskAsync()).CacheStatus);
    }

    private static async Task AskUntilAsync(ProxyUnderTest proxy, Func<bool> isDone)
    {
        int asked = 0;
        await Wait.UntilAsync(
            async () =>
            {
                proxy.Clock.Advance(TimeSpan.FromMilliseconds(200));
                await proxy.AskAsync($"question {Guid.NewGuid():N} {asked++}");
                return isDone();
            },
            "the change of the settings");
    }

    private static Task WriteAsync(Microsoft.AspNetCore.Http.HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(json)).AsTask();
    }
}
