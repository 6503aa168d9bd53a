using System.Net;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.Stores.Qdrant;
using CacheProxy.Stores.Resilience;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Stores.Qdrant;

public sealed class QdrantVectorIndexTests : IAsyncLifetime
{
    private const string Collection = "cacheproxy";

    private static readonly Fingerprint256 Partition = SampleEntries.Fingerprint(1);
    private static readonly float[] Vector = [0.6f, 0.8f, 0, 0];

    private readonly FakeTimeProvider _time = new(SampleEntries.Start);
    private readonly FakeQdrant _qdrant = new();
    private readonly RecordedLog<ResilientCall> _log = new();
    private StubQdrantServer? _server;
    private HttpClient? _http;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private StubQdrantServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        _server = await StubQdrantServer.StartAsync(_qdrant.Answer);
        _http = Server.CreateHttpClient();
    }

    public async ValueTask DisposeAsync()
    {
        _http!.Dispose();
        await Server.DisposeAsync();
        Assert.Empty(Server.Violations);
    }

    [Fact]
    public async Task FirstUse_MakesTheCollectionOnce()
    {
        QdrantVectorIndex index = CreateSut();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SearchAsync(index)));
        await UpsertAsync(index, 5);

        Assert.Single(await SearchAsync(index));
        Assert.Equal(["partition tenant", "usable_until"], _qdrant.Indexes(Collection));
        Assert.Single(Server.Requests, request => request is { Method: "PUT", Path: "/collections/cacheproxy" });
    }

    [Fact]
    public async Task FirstUse_CollectionIsThere_UsesIt()
    {
        await UpsertAsync(CreateSut(), 5);

        Assert.Single(await SearchAsync(CreateSut()));
    }

    [Fact]
    public async Task FirstUse_OldServer_GetsAPlainKeywordIndex()
    {
        _qdrant.IsOld = true;

        await UpsertAsync(CreateSut(), 5);

        Assert.Equal(["partition", "usable_until"], _qdrant.Indexes(Collection));
    }

    [Fact]
    public async Task Upsert_Point_HasTheConnectorsLayout()
    {
        await UpsertAsync(CreateSut(), 5);

        JsonElement point = Assert.Single(_qdrant.Points(Collection));
        Assert.True(Guid.TryParse(point.GetProperty("id").GetString(), out _));
        Assert.Equal(4, point.GetProperty("vector").GetArrayLength());
        JsonElement payload = point.GetProperty("payload");
        Assert.Equal(Partition.ToString(), payload.GetProperty("partition").GetString());
        Assert.Equal(SampleEntries.Fingerprint(5).ToString(), payload.GetProperty("fingerprint").GetString());
        Assert.Equal("What is the capital of France?", payload.GetProperty("text").GetString());
        Assert.Equal(SampleEntries.Start.AddHours(1).ToUnixTimeSeconds(), payload.GetProperty("usable_until").GetInt64());
    }

    [Fact]
    public void PointId_IsAStableUuidOfVersion8()
    {
        string id = QdrantVectorIndex.PointId(SampleEntries.Fingerprint(5));

        Assert.Equal(id, QdrantVectorIndex.PointId(SampleEntries.Fingerprint(5)));
        Assert.NotEqual(id, QdrantVectorIndex.PointId(SampleEntries.Fingerprint(6)));
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id);
    }

    [Theory]
    [InlineData("""{"size":768,"distance":"Cosine"}""", "768 dimensions, the embedder makes 4")]
    [InlineData("""{"size":4,"distance":"Dot"}""", "compares by Dot")]
    [InlineData("""{"prompt":{"size":4,"distance":"Cosine"}}""", "no single unnamed vector")]
    public async Task FirstUse_CollectionOfAnotherLayout_IsRefusedClearly(string vectors, string expected)
    {
        Server.Answer = _ => Task.FromResult(StubReply.Ok($$$"""{"status":"green","config":{"params":{"vectors": {{{vectors}}} } } }"""));
        QdrantVectorIndex index = CreateSut();

        QdrantException error = await Assert.ThrowsAsync<QdrantException>(() => UpsertAsync(index, 5));

        Assert.Contains(expected, error.Message);
        Assert.Contains("Qdrant:Collection", error.Message);
        Assert.DoesNotContain(Server.Requests, request => request.Method is "PUT" or "DELETE");
    }

    [Fact]
    public async Task CollectionDeletedUnderUs_IsMadeAnew()
    {
        QdrantVectorIndex index = CreateSut();
        await UpsertAsync(index, 5);
        _qdrant.Drop(Collection);

        Assert.Empty(await SearchAsync(index));
        _qdrant.Drop(Collection);
        await UpsertAsync(index, 5);
        Assert.Single(await SearchAsync(index));
        _qdrant.Drop(Collection);
        await index.RemoveAsync(Partition, SampleEntries.Fingerprint(5), Cancellation);
        Assert.Empty(await SearchAsync(index));
    }

    [Fact]
    public async Task Upsert_EveryTenMinutes_DeletesWhatExpired()
    {
        QdrantVectorIndex index = CreateSut();
        await UpsertAsync(index, 5);
        await UpsertAsync(index, 6);
        _time.Advance(TimeSpan.FromHours(1));

        await UpsertAsync(index, 7);

        Assert.Equal(1, _qdrant.Count(Collection));
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(1e30f, 1e30f)]
    public async Task VectorWithoutDirection_IsNeverSent(float first, float second)
    {
        QdrantVectorIndex index = CreateSut();
        float[] vector = [first, second, 0, 0];

        await Assert.ThrowsAsync<ArgumentException>(async () => await index.SearchAsync(Partition, vector, 1, 0, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await index.UpsertAsync(Question(5), vector, Cancellation));

        Assert.Empty(Server.Requests);
    }

    [Theory]
    [InlineData("score", "null")]
    [InlineData("score", "0.5")]
    [InlineData("partition", "\"other\"")]
    [InlineData("fingerprint", "\"zz\"")]
    [InlineData("fingerprint", "null")]
    [InlineData("text", "null")]
    [InlineData("usable_until", "1")]
    [InlineData("usable_until", "9223372036854775807")]
    [InlineData("usable_until", "null")]
    public async Task Search_PointThatDoesNotFit_IsLeftOut(string field, string value)
    {
        var fields = new Dictionary<string, string>
        {
            ["score"] = "0.99",
            ["partition"] = $"\"{Partition}\"",
            ["fingerprint"] = $"\"{SampleEntries.Fingerprint(5)}\"",
            ["text"] = "\"text\"",
            ["usable_until"] = "4000000000",
        };
        QdrantVectorIndex index = CreateSut();
        await SearchAsync(index);
        Server.Answer = _ => Task.FromResult(Answer(fields));
        Assert.Single(await SearchAsync(index));

        fields[field] = value;

        Assert.Empty(await SearchAsync(index));
    }

    [Fact]
    public async Task Down5xxOrGarbage_AreMissesBehindTheGuard_AndItRecovers()
    {
        GuardedVectorIndex index = CreateGuarded();
        Func<StubRequest, Task<StubReply>> works = Server.Answer;
        StubReply[] faults = [new(503, "", null), new(200, "<html>"), new(500, "oops"), StubReply.Error(429, "Rate limiting exceeded")];
        int next = 0;
        Server.Answer = _ => Task.FromResult(faults[next++ % faults.Length]);
        for (int i = 0; i < 6; i++)
        {
            Assert.Empty(await SearchAsync(index));
            await UpsertAsync(index, 5);
        }

        Server.Answer = works;
        _time.Advance(TimeSpan.FromSeconds(5));
        await UpsertAsync(index, 5);

        Assert.Single(await SearchAsync(index));
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task NobodyListens_IsAMiss_AndTheCollectionIsMadeOnceItIsUp()
    {
        GuardedVectorIndex index = CreateGuarded();
        string url = Server.Url;
        await Server.DisposeAsync();
        for (int i = 0; i < 5; i++)
        {
            Assert.Empty(await SearchAsync(index));
            await UpsertAsync(index, 5);
        }

        Assert.Equal([LogLevel.Warning], _log.Levels);
        _server = await StubQdrantServer.StartAsync(_qdrant.Answer, url);
        _time.Advance(TimeSpan.FromSeconds(5));
        await UpsertAsync(index, 5);

        Assert.Single(await SearchAsync(index));
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task Stalled_IsAMissAfterTheBudget()
    {
        GuardedVectorIndex index = CreateGuarded();
        await UpsertAsync(index, 5);
        var never = new TaskCompletionSource<StubReply>();
        var asked = new TaskCompletionSource();
        Server.Answer = _ =>
        {
            asked.TrySetResult();
            return never.Task;
        };
        Task<IReadOnlyList<Neighbour>> search = SearchAsync(index);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        _time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Empty(await search.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal(1, index.Call.Counts.TimedOut);
        never.SetResult(new StubReply(200, ""));
    }

    [Fact]
    public async Task Remove_ServerRefuses_SaysSo()
    {
        GuardedVectorIndex index = CreateGuarded();
        Server.Answer = _ => Task.FromResult(StubReply.Error(403, "Forbidden: Global manage access is required"));

        StoreUnavailableException error = await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await index.RemoveAsync(Partition, SampleEntries.Fingerprint(5), Cancellation));

        Assert.Equal(HttpStatusCode.Forbidden, Assert.IsType<QdrantException>(error.InnerException).Status);
    }

    private static StubReply Answer(Dictionary<string, string> fields)
    {
        string payload = string.Join(',', fields.Where(field => field.Key != "score").Select(field => $"\"{field.Key}\":{field.Value}"));
        return StubReply.Ok($$"""{"points":[{"id":"x","version":1,"score":{{fields["score"]}},"payload":{ {{payload}} } }]}""");
    }

    private static IndexedQuestion Question(int number)
        => new(Partition, SampleEntries.Fingerprint(number), "What is the capital of France?", SampleEntries.Start.AddHours(number == 7 ? 9 : 1));

    private static Task<IReadOnlyList<Neighbour>> SearchAsync(IVectorIndex index)
        => index.SearchAsync(Partition, Vector, 3, 0.9f, Cancellation).AsTask();

    private static Task UpsertAsync(IVectorIndex index, int number) => index.UpsertAsync(Question(number), Vector, Cancellation).AsTask();

    private QdrantVectorIndex CreateSut() => new(new QdrantClient(_http!), new QdrantOptions(), Vector.Length, _time);

    private GuardedVectorIndex CreateGuarded() => Guard(CreateSut());

    private GuardedVectorIndex Guard(QdrantVectorIndex index)
        => new(index, new ResilientCall("qdrant", new ResilienceOptions(), _time, _log));
}
