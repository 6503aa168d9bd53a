using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CacheProxy.Stores.Qdrant;

/// <summary>
/// The part of Qdrant's REST API that the vector index needs, typed. Every refusal is a <see cref="QdrantException"/> with
/// Qdrant's own words; a server that cannot be reached is an <see cref="HttpRequestException"/>.
/// </summary>
internal sealed class QdrantClient(HttpClient http)
{
    // Refusals are a line; whatever else answers on that port may send anything.
    private const int LongestMessage = 300;

    /// <summary>False when a collection of that name is there already.</summary>
    public async Task<bool> CreateCollectionAsync(string collection, VectorParams vectors, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(
                HttpMethod.Put, Path(collection), new CreateCollection(vectors), QdrantJson.Default.CreateCollection,
                QdrantJson.Default.QdrantAnswerBoolean, cancellationToken);
            return true;
        }
        catch (QdrantException exception) when (exception.Status == HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    public async Task<bool> CollectionExistsAsync(string collection, CancellationToken cancellationToken)
        => (await SendAsync(HttpMethod.Get, Path(collection, "/exists"), QdrantJson.Default.QdrantAnswerExistsResult, cancellationToken)).Exists;

    /// <summary>Null when there is no such collection.</summary>
    public async Task<CollectionInfo?> GetCollectionAsync(string collection, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, Path(collection), QdrantJson.Default.QdrantAnswerCollectionInfo, cancellationToken);
        }
        catch (QdrantException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>True when there was one.</summary>
    public Task<bool> DeleteCollectionAsync(string collection, CancellationToken cancellationToken)
        => SendAsync(HttpMethod.Delete, Path(collection), QdrantJson.Default.QdrantAnswerBoolean, cancellationToken);

    /// <summary>Makes or replaces the index of a payload field; returns when it is usable.</summary>
    public Task CreatePayloadIndexAsync(string collection, string field, JsonElement schema, CancellationToken cancellationToken)
        => SendAsync(
            HttpMethod.Put, Path(collection, "/index?wait=true"), new CreateFieldIndex(field, schema),
            QdrantJson.Default.CreateFieldIndex, QdrantJson.Default.QdrantAnswerUpdateResult, cancellationToken);

    /// <param name="wait">Return when the points can be found, not only when they are accepted.</param>
    public Task UpsertAsync(string collection, IReadOnlyList<QdrantPoint> points, bool wait, CancellationToken cancellationToken)
        => SendAsync(
            HttpMethod.Put, Path(collection, Wait("/points", wait)), new UpsertPoints(points),
            QdrantJson.Default.UpsertPoints, QdrantJson.Default.QdrantAnswerUpdateResult, cancellationToken);

    public async Task<IReadOnlyList<ScoredPoint>> QueryAsync(string collection, QueryPoints query, CancellationToken cancellationToken)
    {
        QueryResult result = await SendAsync(
            HttpMethod.Post, Path(collection, "/points/query"), query,
            QdrantJson.Default.QueryPoints, QdrantJson.Default.QdrantAnswerQueryResult, cancellationToken);
        return result.Points ?? throw new QdrantException(null, "The answer to a query has no points.");
    }

    /// <summary>Those of the points that are there, without their vectors.</summary>
    public async Task<IReadOnlyList<RetrievedPoint>> RetrieveAsync(string collection, IReadOnlyList<string> ids, CancellationToken cancellationToken)
        => await SendAsync(
            HttpMethod.Post, Path(collection, "/points"), new RetrievePoints(ids, WithPayload: true, WithVector: false),
            QdrantJson.Default.RetrievePoints, QdrantJson.Default.QdrantAnswerIReadOnlyListRetrievedPoint, cancellationToken);

    /// <param name="selection">Never an empty filter, which would delete every point.</param>
    public Task DeleteAsync(string collection, SelectPoints selection, bool wait, CancellationToken cancellationToken)
    {
        if (selection.Points is not { Count: > 0 } && selection.Filter is not { Must.Count: > 0 })
        {
            throw new ArgumentException("Neither points nor conditions given.", nameof(selection));
        }

        return SendAsync(
            HttpMethod.Post, Path(collection, Wait("/points/delete", wait)), selection,
            QdrantJson.Default.SelectPoints, QdrantJson.Default.QdrantAnswerUpdateResult, cancellationToken);
    }

    public async Task<long> CountAsync(string collection, CountPoints count, CancellationToken cancellationToken)
        => (await SendAsync(
            HttpMethod.Post, Path(collection, "/points/count"), count,
            QdrantJson.Default.CountPoints, QdrantJson.Default.QdrantAnswerCountResult, cancellationToken)).Count;

    private static string Path(string collection, string rest = "") => $"collections/{Uri.EscapeDataString(collection)}{rest}";

    private static string Wait(string path, bool wait) => wait ? path + "?wait=true" : path + "?wait=false";

    private Task<TResult> SendAsync<TResult>(
        HttpMethod method, string path, JsonTypeInfo<QdrantAnswer<TResult>> answerType, CancellationToken cancellationToken)
        => SendAsync(new HttpRequestMessage(method, path), answerType, cancellationToken);

    private Task<TResult> SendAsync<TBody, TResult>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<QdrantAnswer<TResult>> answerType,
        CancellationToken cancellationToken)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(new HttpRequestMessage(method, path) { Content = content }, answerType, cancellationToken);
    }

    private async Task<TResult> SendAsync<TResult>(
        HttpRequestMessage request, JsonTypeInfo<QdrantAnswer<TResult>> answerType, CancellationToken cancellationToken)
    {
        using (request)
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new QdrantException(response.StatusCode, Message(response, body), response.Headers.RetryAfter?.Delta);
            }

            try
            {
                return JsonSerializer.Deserialize(body, answerType) is { Result: { } result }
                    ? result
                    : throw new QdrantException(null, $"The answer of {request.RequestUri?.AbsolutePath} has no result.");
            }
            catch (JsonException exception)
            {
                throw new QdrantException(null, $"The answer of {request.RequestUri?.AbsolutePath} cannot be read.", null, exception);
            }
        }
    }

    // {"status": {"error": "..."}}, or plain text (a refused key), or nothing (an unknown path).
    private static string Message(HttpResponseMessage response, byte[] body)
    {
        string text = Error(body) ?? System.Text.Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, LongestMessage));
        text = text.Length > LongestMessage ? text[..LongestMessage] : text;
        return $"Qdrant answered {(int)response.StatusCode}: {(text.Length == 0 ? response.ReasonPhrase : text)}";
    }

    private static string? Error(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("status", out JsonElement status) && status.ValueKind == JsonValueKind.Object
                && status.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.String
                ? error.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
