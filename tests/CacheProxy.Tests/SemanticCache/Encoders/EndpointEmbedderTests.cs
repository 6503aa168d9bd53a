using System.Net;
using System.Text.Json;
using CacheProxy.Observability;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Encoders.Endpoint;
using CacheProxy.Stores.Resilience;
using CacheProxy.TestKit;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.SemanticCache.Encoders;

public sealed class EndpointEmbedderTests : IDisposable
{
    private const string Key = "sk-very-secret";

    private readonly StubEndpoint _endpoint = new();
    private readonly CountedMetrics _counted = new();
    private readonly EmbedderOptions _options = new()
    {
        Kind = EmbedderOptions.EndpointKind,
        Url = "https://embeddings.test/v1/",
        Model = "small",
        ApiKey = Key,
        Dimensions = 3,
        PricePerMillionTokens = 20,
    };

    public void Dispose()
    {
        _endpoint.Dispose();
        _counted.Dispose();
    }

    [Fact]
    public async Task Embed_Text_AsksAsOpenAIDoesAndGivesTheUnitVector()
    {
        using EndpointEmbedder sut = CreateSut();

        Embedding embedding = await sut.EmbedAsync("four", TestContext.Current.CancellationToken);

        (string address, string? key, JsonElement body) = Assert.Single(_endpoint.Calls);
        Assert.Equal(("https://embeddings.test/v1/embeddings", "Bearer " + Key), (address, key));
        Assert.Equal("""{"model":"small","input":["four"],"encoding_format":"float"}""", body.GetRawText());
        float length = MathF.Sqrt(9 + 16 + 1);
        Assert.Equal([3 / length, 4 / length, 1 / length], embedding.Vector.ToArray(), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public async Task Embed_DimensionsWanted_AsksForThem()
    {
        _options.RequestDimensions = true;
        using EndpointEmbedder sut = CreateSut();

        await sut.EmbedAsync("a", TestContext.Current.CancellationToken);

        Assert.Equal(3, Assert.Single(_endpoint.Calls).Body.GetProperty("dimensions").GetInt32());
    }

    [Fact]
    public async Task Embed_TokensAndPrice_AreCounted()
    {
        using EndpointEmbedder sut = CreateSut();
        await sut.EmbedAsync("a", TestContext.Current.CancellationToken);
        await sut.EmbedAsync("b", TestContext.Current.CancellationToken);

        Assert.Equal(2, _counted.Sum("cacheproxy.embedder.texts"));
        Assert.Equal(14, _counted.Sum("cacheproxy.embedder.tokens"));
        Assert.Equal(14 * 20 / 1e6, _counted.Sum("cacheproxy.embedder.cost"), 1e-12);
    }

    [Fact]
    public async Task Embed_TextsThatComeTogether_ShareCallsAndEachGetsItsOwnVector()
    {
        _endpoint.Stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using EndpointEmbedder sut = CreateSut();
        Task<Embedding>[] all = [.. Enumerable.Range(1, 60).Select(i => sut.EmbedAsync(new string('x', i), TestContext.Current.CancellationToken).AsTask())];

        _endpoint.Stall.SetResult();
        Embedding[] made = await Task.WhenAll(all);

        Assert.InRange(_endpoint.Calls.Count, 1, 12);
        Assert.All(made, (embedding, i) => Assert.Equal(i + 1, embedding.Vector.Span[1] / embedding.Vector.Span[2], 0.001f));
    }

    [Fact]
    public async Task Embed_AnswersOutOfOrder_AreTakenByTheirIndex()
    {
        _endpoint.Stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _endpoint.Answer = texts => $$"""{"data":[{{string.Join(',', texts.Select((text, i) => $$"""{"index":{{i}},"embedding":[1,{{text.Length}},0]}""").Reverse())}}]}""";
        using EndpointEmbedder sut = CreateSut();
        Task<Embedding>[] all = [.. Enumerable.Range(1, 20).Select(i => sut.EmbedAsync(new string('x', i), TestContext.Current.CancellationToken).AsTask())];

        _endpoint.Stall.SetResult();

        Assert.All(await Task.WhenAll(all), (embedding, i) => Assert.Equal(i + 1, embedding.Vector.Span[1] / embedding.Vector.Span[0], 0.001f));
    }

    [Theory]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1,2]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[0,0,0]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1e39,0,0]}]}""")]
    [InlineData("""{"data":[{"index":0}]}""")]
    [InlineData("""{"data":[{"index":1,"embedding":[1,2,3]}]}""")]
    [InlineData("""{"data":[{"index":0,"embedding":[1,2,3]},{"index":0,"embedding":[1,2,3]}]}""")]
    [InlineData("""not json""")]
    public async Task Embed_AnswerThatIsNone_FailsInsteadOfGivingAVector(string answer)
    {
        _endpoint.Answer = _ => answer;
        using EndpointEmbedder sut = CreateSut();

        await Assert.ThrowsAnyAsync<Exception>(async () => await sut.EmbedAsync("a", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Embed_RefusedAgainAndAgain_OpensTheBreakerAndNeverTellsTheKeyOrTheText()
    {
        _endpoint.Status = HttpStatusCode.Unauthorized;
        _endpoint.Answer = _ => $"wrong key {Key} for: my text";
        using EndpointEmbedder sut = CreateSut();
        var log = new RecordedLog<ResilientCall>();
        var guarded = new GuardedEmbedder(sut, new ResilientCall("embedder", new ResilienceOptions { MinimumCalls = 4 }, new FakeTimeProvider(), log), isPatient: false);
        var told = new List<string>();
        for (int i = 0; i < 20; i++)
        {
            told.Add((await Assert.ThrowsAsync<EncoderUnavailableException>(async () => await guarded.EmbedAsync("my text", TestContext.Current.CancellationToken))).ToString());
        }

        Assert.InRange(_endpoint.Calls.Count, 1, 6);
        Assert.DoesNotContain(told.Concat(log.Lines.Select(line => line.Text)), line => line.Contains(Key, StringComparison.Ordinal) || line.Contains("my text", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Embed_EndpointStalls_CostsTheBudgetOnly()
    {
        _endpoint.Stall = new TaskCompletionSource();
        using EndpointEmbedder sut = CreateSut();
        var time = new FakeTimeProvider();
        var guarded = new GuardedEmbedder(
            sut, new ResilientCall("embedder", new ResilienceOptions { Budget = TimeSpan.FromMilliseconds(80) }, time, new RecordedLog<ResilientCall>()), isPatient: false);
        Task<Embedding> stalled = guarded.EmbedAsync("a", TestContext.Current.CancellationToken).AsTask();

        time.Advance(TimeSpan.FromMilliseconds(81));

        await Assert.ThrowsAsync<EncoderUnavailableException>(() => stalled);
        _endpoint.Stall.SetResult();
    }

    [Theory]
    [InlineData(nameof(EmbedderOptions.Model))]
    [InlineData(nameof(EmbedderOptions.Url))]
    [InlineData(nameof(EmbedderOptions.Dimensions))]
    public void Fingerprint_WhatGivesOtherVectors_GivesAnother(string changed)
    {
        using EndpointEmbedder first = CreateSut();
        _options.Model += changed == nameof(EmbedderOptions.Model) ? "2" : "";
        _options.Url += changed == nameof(EmbedderOptions.Url) ? "b" : "";
        _options.Dimensions += changed == nameof(EmbedderOptions.Dimensions) ? 1 : 0;
        _options.ApiKey = "another";

        using EndpointEmbedder second = CreateSut();

        Assert.NotEqual(first.Fingerprint, second.Fingerprint);
        Assert.DoesNotContain("another", second.Fingerprint, StringComparison.Ordinal);
    }

    private EndpointEmbedder CreateSut() => new(new HttpClient(_endpoint, disposeHandler: false), _options, new EmbedderMetrics(_counted));
}
