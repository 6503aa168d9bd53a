using System.Net.Http.Headers;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CacheProxy.Observability;

namespace CacheProxy.SemanticCache.Encoders.Endpoint;

/// <summary>
/// An OpenAI-compatible embeddings server. Texts of requests that come together go in one call; while calls are under way the next gather.
/// Faults surface as exceptions, never with the key or a text in their message; budget and breaker are the caller's.
/// </summary>
public sealed class EndpointEmbedder : IEmbedder, IDisposable
{
    private const int CallsAtOnce = 4;
    private const int TextsOfACall = 64;

    // A vector of 8,192 numbers of 24 characters, 64 times.
    private const int LongestAnswer = 16 << 20;

    private readonly HttpClient _http;
    private readonly EmbedderOptions _options;
    private readonly EmbedderMetrics _metrics;
    private readonly Uri _address;
    private readonly MicroBatcher<string, Embedding> _batcher;

    /// <param name="http">Disposed here; its own time limit ends a call that no caller waits for any more.</param>
    /// <param name="options">Checked: see <see cref="EmbedderOptionsRules"/>.</param>
    public EndpointEmbedder(HttpClient http, EmbedderOptions options, EmbedderMetrics metrics)
    {
        _http = http;
        _http.MaxResponseContentBufferSize = LongestAnswer;
        _options = options;
        _metrics = metrics;
        _address = new Uri(options.Url.TrimEnd('/') + "/embeddings");
        _batcher = new MicroBatcher<string, Embedding>(CallAsync, CallsAtOnce, TextsOfACall) { RetriesAlone = false };
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            FormattableString.Invariant($"endpoint\n{_address}\n{options.Model}\n{options.Dimensions}\n{options.RequestDimensions}"))));
    }

    public string Fingerprint { get; }

    public int Dimensions => _options.Dimensions;

    public ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken) => new(_batcher.RunAsync(text, cancellationToken));

    public void Dispose()
    {
        _batcher.Dispose();
        _http.Dispose();
    }

    private async ValueTask<IReadOnlyList<Embedding>> CallAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var body = new EndpointRequest(_options.Model, texts, "float", _options.RequestDimensions ? _options.Dimensions : null);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, EndpointJson.Default.EndpointRequest));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = content };
        if (_options.ApiKey.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.ApiKey);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            // Not its body: some servers repeat the key or the text there.
            throw new HttpRequestException($"The embeddings endpoint answered {(int)response.StatusCode}.", null, response.StatusCode);
        }

        EndpointAnswer? answer = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), EndpointJson.Default.EndpointAnswer);
        long tokens = answer?.Usage?.TotalTokens ?? answer?.Usage?.PromptTokens ?? -1;
        _metrics.Embedded(_options.Model, texts.Count, tokens, _options.PricePerMillionTokens);
        return Read(answer, texts.Count);
    }

    private Embedding[] Read(EndpointAnswer? answer, int count)
    {
        var embeddings = new Embedding[count];
        int seen = 0;
        foreach (EndpointVector one in answer?.Data ?? [])
        {
            if (one.Index < 0 || one.Index >= count || !embeddings[one.Index].Vector.IsEmpty)
            {
                throw new InvalidDataException($"The embeddings endpoint answered a vector number {one.Index} to {count} texts.");
            }

            embeddings[one.Index] = new Embedding(Normalised(one.Embedding ?? []), IsTruncated: false);
            seen++;
        }

        return seen == count ? embeddings : throw new InvalidDataException($"The embeddings endpoint answered {seen} vectors to {count} texts.");
    }

    private float[] Normalised(float[] vector)
    {
        float norm = vector.Length == _options.Dimensions
            ? TensorPrimitives.Norm<float>(vector)
            : throw new InvalidDataException(
                $"The embeddings endpoint answered a vector of {vector.Length} components; {EmbedderOptions.Section}:{nameof(_options.Dimensions)} is {_options.Dimensions}.");
        if (!float.IsFinite(norm) || norm == 0)
        {
            throw new InvalidDataException("The embeddings endpoint answered a vector without a direction.");
        }

        TensorPrimitives.Divide(vector, norm, vector);
        return vector;
    }
}
