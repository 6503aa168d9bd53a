using System.Diagnostics;
using System.Text;

namespace CacheProxy.Benchmarks.Miss;

/// <summary>Time from sending a request for a stream to the first byte of its body, one request after the other on one connection.</summary>
internal sealed class FirstByteTimer : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private int _number;

    /// <summary>Seconds.</summary>
    public async Task<double> TimeAsync(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new StringContent(DistinctPosts.Body($"stream {_number++}", stream: true), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", "Bearer sk-test");
        request.Headers.Add("X-Stream", "1");
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        byte[] bytes = new byte[4096];
        int count = await body.ReadAsync(bytes, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var text = new StringBuilder();
        for (; count > 0; count = await body.ReadAsync(bytes, cancellationToken))
        {
            text.Append(Encoding.UTF8.GetString(bytes, 0, count));
        }

        return answer.IsSuccessStatusCode && text.ToString().Contains("data: [DONE]", StringComparison.Ordinal)
            ? seconds
            : throw new InvalidOperationException($"{url} gave no whole stream: {answer.StatusCode} {text}");
    }

    public void Dispose() => _http.Dispose();
}
