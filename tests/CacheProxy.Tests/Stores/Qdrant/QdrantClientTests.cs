using System.Net;
using System.Text.Json;
using CacheProxy.Stores.Qdrant;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>The client against what a real server answered to the same requests, byte for byte in all but spacing.</summary>
public sealed class QdrantClientTests : IAsyncLifetime
{
    private readonly RecordedQdrant _recorded = new();
    private StubQdrantServer? _server;
    private HttpClient? _http;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private StubQdrantServer Server => _server!;

    public async ValueTask InitializeAsync() => _server = await StubQdrantServer.StartAsync(_ => new StubReply(500, ""));

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await Server.DisposeAsync();
        Assert.Empty(Server.Violations);
    }

    [Fact]
    public async Task CreateCollection_NewThenThere_SaysWhich()
    {
        var vectors = new VectorParams(384, "Cosine");

        Assert.True(await Play("02-collections", "create, size 384, Cosine").CreateCollectionAsync("cache", vectors, Cancellation));
        Assert.False(await Play("02-collections", "create the same collection again").CreateCollectionAsync("cache", vectors, Cancellation));
    }

    [Fact]
    public async Task GetCollection_ThereOrNot_GivesItsVectors()
    {
        CollectionInfo? found = await Play("02-collections", "get collection").GetCollectionAsync("cache", Cancellation);

        Assert.Equal(384, found!.Config!.Params!.Vectors.GetProperty("size").GetInt32());
        Assert.Equal(("green", 0L), (found.Status, found.PointsCount));
        Assert.Null(await Play("02-collections", "get missing collection").GetCollectionAsync("missing", Cancellation));
    }

    [Fact]
    public async Task Retrieve_ById_GivesThePayloads()
    {
        string[] ids = ["11111111-2222-4333-8444-000000000001", "11111111-2222-4333-8444-000000000002"];

        IReadOnlyList<RetrievedPoint> points = await Play("08-retrieve", "by ids").RetrieveAsync("cache", ids, Cancellation);

        Assert.Equal(2, points.Count);
        Assert.All(points, point => Assert.NotNull(point.Payload));
    }

    [Fact]
    public async Task ExistsAndDelete_SayWhatWasThere()
    {
        Assert.True(await Play("02-collections", "exists, yes").CollectionExistsAsync("cache", Cancellation));
        Assert.False(await Play("02-collections", "exists, no").CollectionExistsAsync("missing", Cancellation));
        Assert.True(await Play("02-collections", "delete").DeleteCollectionAsync("cache", Cancellation));
        Assert.False(await Play("02-collections", "delete again (missing)").DeleteCollectionAsync("cache", Cancellation));
    }

    [Fact]
    public async Task CreatePayloadIndex_Works()
    {
        var tenant = JsonElement.Parse("""{"type":"keyword","is_tenant":true}""");
        await Play("03-payload-index", "keyword, is_tenant, wait=true").CreatePayloadIndexAsync("cache", "tenant", tenant, Cancellation);
        await Play("03-payload-index", "integer").CreatePayloadIndexAsync("cache", "created_at", JsonElement.Parse("\"integer\""), Cancellation);
    }

    [Fact]
    public async Task Query_FilterWithMatchAndRange_GivesScoresInOrder()
    {
        var filter = new QdrantFilter(
        [
            new QdrantCondition("tenant", Match: new QdrantMatch("acme")),
            new QdrantCondition("created_at", Range: new QdrantRange(Gte: 1_760_000_004, Lt: 1_760_000_009)),
        ]);
        const string Title = "filter: tenant and a number range";

        IReadOnlyList<ScoredPoint> points = await Play("05-query", Title).QueryAsync(
            "cache", new QueryPoints(Vector("05-query", Title), 5, null, filter, true), Cancellation);

        Assert.NotEmpty(points);
        Assert.Equal(points.OrderByDescending(point => point.Score), points);
        Assert.Equal(0.08660643f, points[0].Score);
    }

    [Theory]
    [InlineData("score_threshold 0.9", 0.9f, 1)]
    [InlineData("score_threshold above every score", 0.9999f, 0)]
    public async Task Query_Threshold_LeavesOutTheRest(string title, float threshold, int expected)
        => Assert.Equal(expected, (await Play("05-query", title).QueryAsync(
            "cache", new QueryPoints(Vector("05-query", title), 5, threshold, null, null), Cancellation)).Count);

    [Fact]
    public async Task Query_OverflowedVectorStored_GivesANullScore()
    {
        const string File = "24-overflowing-vector";

        IReadOnlyList<ScoredPoint> points = await Play(File, "limit 1").QueryAsync(
            "cache", new QueryPoints(Vector(File, "limit 1"), 1, null, null, null), Cancellation);

        Assert.Null(Assert.Single(points).Score);
    }

    [Fact]
    public async Task Delete_ByIdsAndByFilter_Works()
    {
        string[] ids = ["11111111-2222-4333-8444-000000000001", "11111111-2222-4333-8444-000000000002"];
        var globex = new QdrantFilter([new QdrantCondition("tenant", Match: new QdrantMatch("globex"))]);

        await Play("10-delete", "by ids, wait=true").DeleteAsync("cache", new SelectPoints(ids), wait: true, Cancellation);
        await Play("10-delete", "same ids again").DeleteAsync("cache", new SelectPoints(ids), wait: true, Cancellation);
        await Play("10-delete", "by filter on tenant").DeleteAsync("cache", new SelectPoints(Filter: globex), wait: true, Cancellation);

        Assert.All(Server.Requests, request => Assert.Equal("/collections/cache/points/delete", request.Path));
    }

    [Fact]
    public async Task Delete_OfNothingNamed_NeverReachesTheServer()
    {
        QdrantClient client = Play("10-delete", "by ids, wait=true");

        foreach (SelectPoints selection in new SelectPoints[] { new(), new([]), new(Filter: new QdrantFilter([])) })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => client.DeleteAsync("cache", selection, wait: true, Cancellation));
        }

        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task Count_WithAndWithoutFilter_Counts()
    {
        var acme = new QdrantFilter([new QdrantCondition("tenant", Match: new QdrantMatch("acme"))]);

        Assert.Equal(12, await Play("11-count", "all, exact").CountAsync("cache", new CountPoints(true), Cancellation));
        Assert.Equal(8, await Play("11-count", "filter, exact").CountAsync("cache", new CountPoints(true, acme), Cancellation));
    }

    [Fact]
    public async Task MissingCollection_IsNotFoundInQdrantsWords()
    {
        QdrantException error = await Assert.ThrowsAsync<QdrantException>(
            () => Play("11-count", "missing collection").CountAsync("missing", new CountPoints(true), Cancellation));

        Assert.Equal(HttpStatusCode.NotFound, error.Status);
        Assert.Contains("Collection `missing` doesn't exist!", error.Message);
    }

    [Fact]
    public async Task WrongVectorSize_IsRefusedInQdrantsWords()
    {
        QdrantException error = await Assert.ThrowsAsync<QdrantException>(() => Play("05-query", "wrong vector size").QueryAsync(
            "cache", new QueryPoints(Vector("05-query", "wrong vector size"), Limit("05-query", "wrong vector size"), null, null, null), Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, error.Status);
        Assert.Contains("dimension", error.Message);
    }

    [Theory]
    [InlineData("create with the full key", "dummy-full-key-000000", null)]
    [InlineData("create with the read-only key", "dummy-read-only-key-000000", HttpStatusCode.Forbidden)]
    public async Task ApiKey_IsSent(string title, string key, HttpStatusCode? refusal)
    {
        string collection = refusal is null ? "cache" : "other";
        Task<bool> creating = Play("17-api-key", title, key).CreateCollectionAsync(collection, new VectorParams(4, "Cosine"), Cancellation);

        if (refusal is null)
        {
            Assert.True(await creating);
        }
        else
        {
            Assert.Equal(refusal, (await Assert.ThrowsAsync<QdrantException>(() => creating)).Status);
        }
    }

    // Plain text without a content type, as the real server sends it.
    [Fact]
    public async Task WrongApiKey_IsUnauthorizedWithTheServersText()
    {
        Server.Answer = _ => Task.FromResult(new StubReply(401, "Invalid API key or JWT", null));

        QdrantException error = await Assert.ThrowsAsync<QdrantException>(
            () => CreateClient("wrong").CollectionExistsAsync("cache", Cancellation));

        Assert.Equal(HttpStatusCode.Unauthorized, error.Status);
        Assert.Contains("Invalid API key or JWT", error.Message);
        Assert.DoesNotContain("wrong", error.Message);
    }

    [Fact]
    public async Task RateLimit_SaysWhenToTryAgain()
    {
        JsonElement answer = _recorded["16-strict-mode", "write 2 of a collection with write_rate_limit 2 a minute"].GetProperty("response");
        string seconds = answer.GetProperty("headers").GetProperty("retry-after").GetString()!;
        Server.Answer = _ => Task.FromResult(new StubReply(429, answer.GetProperty("body").GetRawText(), "application/json", seconds));

        QdrantException error = await Assert.ThrowsAsync<QdrantException>(
            () => CreateClient().CollectionExistsAsync("cache", Cancellation));

        Assert.Equal(HttpStatusCode.TooManyRequests, error.Status);
        Assert.Equal(TimeSpan.FromSeconds(int.Parse(seconds)), error.RetryAfter);
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "<html>")]
    [InlineData(200, "null")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"status":"ok"}""")]
    [InlineData(200, """{"result":{"points":"none"}}""")]
    [InlineData(200, """{"result":{}}""")]
    [InlineData(500, "")]
    [InlineData(502, "<html>bad gateway</html>")]
    [InlineData(503, """{"status":{"error":5}}""")]
    public async Task AnswerThatIsNone_IsAnError(int status, string body)
    {
        Server.Answer = _ => Task.FromResult(new StubReply(status, body));

        await Assert.ThrowsAsync<QdrantException>(() => CreateClient().QueryAsync(
            "cache", new QueryPoints(new float[] { 1, 0 }, 1, null, null, null), Cancellation));
    }

    // The usage block of each version that sends one; absent in most.
    [Theory]
    [InlineData("")]
    [InlineData(""","usage":{"cpu":1}""")]
    [InlineData(""","usage":{"hardware":{"cpu":1,"vector_io_read":2},"inference":null}""")]
    public async Task UsageBlock_IsNoMatter(string usage)
    {
        Server.Answer = _ => Task.FromResult(new StubReply(200, $$"""{"result":{"count":3},"status":"ok","time":0.1{{usage}}}"""));

        Assert.Equal(3, await CreateClient().CountAsync("cache", new CountPoints(true), Cancellation));
    }

    private QdrantClient Play(string file, string title, string? apiKey = null)
    {
        Func<StubRequest, StubReply> replay = _recorded.Replay(file, title);
        Server.Answer = request => Task.FromResult(replay(request));
        return CreateClient(apiKey);
    }

    private QdrantClient CreateClient(string? apiKey = null)
    {
        _http?.Dispose();
        _http = Server.CreateHttpClient(apiKey);
        return new QdrantClient(_http);
    }

    private float[] Vector(string file, string title)
        => [.. Body(file, title).GetProperty("query").EnumerateArray().Select(value => value.GetSingle())];

    private int Limit(string file, string title) => Body(file, title).GetProperty("limit").GetInt32();

    private JsonElement Body(string file, string title) => _recorded[file, title].GetProperty("request").GetProperty("body");
}
