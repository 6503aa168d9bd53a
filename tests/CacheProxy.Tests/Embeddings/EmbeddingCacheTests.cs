using System.Text.Json;
using CacheProxy.Protocol;
using CacheProxy.Tests.Functional;

namespace CacheProxy.Tests.Embeddings;

public class EmbeddingCacheTests
{
    [Fact]
    public async Task Batch_MostlyKnown_SendsOnlyTheUnknownAndAnswersInOrder()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        string[] all = [.. Enumerable.Range(0, 100).Select(i => $"text {i}")];
        string[] known = [.. all.Where((_, i) => i % 10 != 3)];
        await sut.AskAsync(known);
        await sut.SettleAsync();

        Reply reply = await sut.AskAsync(all, ",\"encoding_format\":\"base64\"");

        Assert.Equal(all.Except(known), sut.Sent[1]);
        Assert.Equal(all.Select(text => EmbeddingUpstream.Vector(text)), reply.Vectors());
        Assert.Equal("CacheProxy; fwd=miss; stored", reply.CacheStatus);
        Assert.Equal("90/100", reply.Inputs());
        Assert.Equal(all.Sum(text => text.Length), reply.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        await sut.SettleAsync();
        Reply again = await sut.AskAsync(all);
        Assert.Equal("100/100", again.Inputs());
        Assert.Equal(all.Select(text => EmbeddingUpstream.Vector(text)), again.Vectors());
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Miss_IsPassedOnByteForByteAndAHitSaysTheSame()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        const string body = "{ \"input\":[\"a\",\"b\\u00e9\"] ,\n \"model\":\"m\", \"encoding_format\":\"float\" }";

        Reply miss = await sut.SendAsync(body);
        Reply hit = await sut.SendAsync(body);

        Assert.Equal(body, sut.Proxy.Upstream.Requests.Single().Body);
        Assert.Equal(EmbeddingUpstream.Answer(body), miss.Text);
        Assert.Equal("CacheProxy; fwd=miss; stored", miss.CacheStatus);
        Assert.Equal("0/2", miss.Inputs());
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=3600", hit.CacheStatus);
        Assert.Equal("2/2", hit.Inputs());
        Assert.Equal("0", hit.Header(HeaderNames.Age));
        Assert.Equal(Canonical(miss.Json), Canonical(hit.Json));
    }

    [Fact]
    public async Task Input_OfAnyForm_IsOneInputWhereverItStands()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("alone");
        await sut.AskAsync(new[] { 1, 2, 3 });
        await sut.SettleAsync();

        Reply texts = await sut.AskAsync(new[] { "alone" });
        Reply tokens = await sut.AskAsync(new[] { new[] { 1, 2, 3 } });
        Reply others = await sut.AskAsync("[1,2,3]");

        Assert.Equal("1/1", texts.Inputs());
        Assert.Equal("1/1", tokens.Inputs());
        Assert.Equal("0/1", others.Inputs());
    }

    [Fact]
    public async Task TokenArrays_PartlyKnown_SendTheRest()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { new[] { 1, 2 }, [3] });
        await sut.SettleAsync();

        Reply reply = await sut.AskAsync(new[] { new[] { 4 }, [1, 2], [5, 6] });

        Assert.Equal(["[4]", "[5,6]"], sut.Sent[1]);
        Assert.Equal([EmbeddingUpstream.Vector("[4]"), EmbeddingUpstream.Vector("[1,2]"), EmbeddingUpstream.Vector("[5,6]")], reply.Vectors());
        Assert.Equal("1/3", reply.Inputs());
    }

    [Fact]
    public async Task Duplicates_GoUpOnceAndAreAnsweredEachTime()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();

        Reply reply = await sut.AskAsync(new[] { "a", "bb", "a", "a" });

        Assert.Equal(["a", "bb"], sut.Sent.Single());
        Assert.Equal([EmbeddingUpstream.Vector("a"), EmbeddingUpstream.Vector("bb"), EmbeddingUpstream.Vector("a"), EmbeddingUpstream.Vector("a")], reply.Vectors());
        Assert.Equal("0/4", reply.Inputs());
        Assert.Equal(5, reply.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Theory]
    [InlineData(",\"dimensions\":4")]
    [InlineData(",\"input_type\":\"query\"")]
    [InlineData(",\"model\":\"n\"", "\"x\":1")]
    public async Task Field_ThatChangesTheVector_IsAnotherInput(string extra, string model = "\"model\":\"m\"")
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");
        await sut.SettleAsync();

        Reply reply = await sut.SendAsync($$"""{"input":"a",{{model}}{{extra}}}""");

        Assert.Equal("0/1", reply.Inputs());
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(",\"user\":\"u\"")]
    [InlineData(",\"dimensions\":null")]
    [InlineData(",\"encoding_format\":\"float\"")]
    [InlineData(",\"encoding_format\":\"base64\"")]
    [InlineData(",\"encoding_format\":null")]
    public async Task Field_ThatDoesNot_IsTheSameInput(string extra)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");

        Assert.Equal("1/1", (await sut.AskAsync("a", extra)).Inputs());
    }

    [Fact]
    public async Task Dimensions_AreOfTheAnswer()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { "a" }, ",\"dimensions\":4");
        await sut.SettleAsync();

        Reply reply = await sut.AskAsync(new[] { "a", "b" }, ",\"dimensions\":4,\"encoding_format\":\"base64\"");

        Assert.Equal([EmbeddingUpstream.Vector("a", dimensions: 4), EmbeddingUpstream.Vector("b", dimensions: 4)], reply.Vectors());
        Assert.Equal("1/2", reply.Inputs());
    }

    [Fact]
    public async Task User_InUserScope_KeepsInputsApart()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(new() { ["Tenants:Scope"] = "user" });
        await sut.AskAsync("a", ",\"user\":\"one\"");

        Assert.Equal("0/1", (await sut.AskAsync("a", ",\"user\":\"two\"")).Inputs());
        Assert.Equal("1/1", (await sut.AskAsync("a", ",\"user\":\"one\"")).Inputs());
    }

    [Fact]
    public async Task KeyAndNamespace_KeepInputsApart()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a", headers: ("Authorization", "Bearer one"));

        Assert.Equal("0/1", (await sut.AskAsync("a", headers: ("Authorization", "Bearer two"))).Inputs());
        Assert.Equal("0/1", (await sut.AskAsync("a", "", ("Authorization", "Bearer one"), (HeaderNames.Namespace, "n"))).Inputs());
        Assert.Equal("1/1", (await sut.AskAsync("a", headers: ("Authorization", "Bearer one"))).Inputs());
    }

    [Fact]
    public async Task Model_ThatMovedUnderItsName_IsNeverMixedWithWhatWasRecorded()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        sut.Script = (context, body, _) => EmbeddingUpstream.AnswerAsync(context, body, "m-2");

        Reply reply = await sut.AskAsync(new[] { "a", "b", "c" });
        await sut.SettleAsync();
        Reply hit = await sut.AskAsync(new[] { "c", "a" });

        Assert.Equal([["a", "b"], ["c"], ["a", "b", "c"]], sut.Sent);
        Assert.Equal([EmbeddingUpstream.Vector("a", "m-2"), EmbeddingUpstream.Vector("b", "m-2"), EmbeddingUpstream.Vector("c", "m-2")], reply.Vectors());
        Assert.Equal("m-2", hit.Json.GetProperty("model").GetString());
        Assert.Equal([EmbeddingUpstream.Vector("c", "m-2"), EmbeddingUpstream.Vector("a", "m-2")], hit.Vectors());
        Assert.Equal(3, sut.Proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("""{"model":"m","input":{"a":1}}""")]
    [InlineData("""{"model":"m","input":[]}""")]
    [InlineData("""{"model":"m","input":["a",[1]]}""")]
    [InlineData("""{"model":"m","input":[[]]}""")]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"model":"m","input":"a","encoding_format":"int8"}""")]
    [InlineData("""{"model":"m","input":"a","input":"b"}""")]
    [InlineData("""{"model":"m","input":"a","dimensions":1.5}""")]
    public async Task Request_ThatTheCacheDoesNotUnderstand_IsTheUpstreamsToJudge(string body)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = (context, sent, _) =>
        {
            context.Response.StatusCode = 418;
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, sent);
        };

        await sut.SendAsync(body);
        Reply reply = await sut.SendAsync(body);

        Assert.Equal(418, reply.Status);
        Assert.Equal(body, reply.Text);
        Assert.Equal("CacheProxy; fwd=bypass; detail=unparsed", reply.CacheStatus);
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("{", null, "invalid_json")]
    [InlineData("""{"input":"a"}""", "model", "missing_required_parameter")]
    [InlineData("""{"model":"","input":"a"}""", "model", "invalid_value")]
    [InlineData("""{"model":"m","input":"\ud800"}""", null, "invalid_json")]
    public async Task Request_ThatNobodyCouldAnswer_Is400(string body, string? param, string code)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();

        Reply reply = await sut.SendAsync(body);

        Assert.Equal((400, param, code), (reply.Status, reply.ErrorParam, reply.ErrorCode));
        Assert.Equal(0, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Batch_OverTheLimitOrTurnedOff_PassesBy()
    {
        await using EmbeddingProxy few = await EmbeddingProxy.StartAsync(new() { ["Embeddings:MaxInputs"] = "2" });
        await using EmbeddingProxy off = await EmbeddingProxy.StartAsync(new() { ["Embeddings:Enabled"] = "false" });

        Reply large = await few.AskAsync(new[] { "a", "b", "a" });
        Reply any = await off.AskAsync("a");

        Assert.Equal("CacheProxy; fwd=bypass; detail=unparsed", large.CacheStatus);
        Assert.Equal(3, large.Vectors().Length);
        Assert.Equal("CacheProxy; fwd=bypass; detail=disabled", any.CacheStatus);
        Assert.Single(any.Vectors());
    }

    private static string Canonical(JsonElement element) => JsonSerializer.Serialize(
        new { data = element.GetProperty("data").EnumerateArray().Select(item => (item.GetProperty("index").GetInt32(), item.GetProperty("embedding").ToString().Replace(" ", "").Replace("\n", ""))).ToArray(), model = element.GetProperty("model").GetString(), usage = element.GetProperty("usage").ToString().Replace(" ", "") },
        new JsonSerializerOptions { IncludeFields = true });
}
