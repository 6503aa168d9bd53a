using System.Globalization;
using System.Text;

namespace CacheProxy.Benchmarks;

/// <summary>One cache that answers the same POST from its memory, with the load generator's script for it and what it measured.</summary>
internal sealed class ExactTarget : IDisposable
{
    private readonly (string Name, string Value)[] _headers;
    private readonly string _script = Path.GetTempFileName();
    private readonly List<WrkRun> _runs = [];

    public ExactTarget(string name, Uri url, string body, params (string Name, string Value)[] headers)
    {
        (Name, Url, Body, _headers) = (name, url, body, [("Authorization", "Bearer sk-test"), .. headers]);
        File.WriteAllText(_script, $"""
            wrk.method = "POST"
            wrk.headers["Content-Type"] = "application/json"
            {string.Join('\n', _headers.Select(header => $"wrk.headers[\"{header.Name}\"] = [==[{header.Value}]==]"))}
            wrk.body = [==[{body}]==]
            """);
    }

    public string Name { get; }

    public Uri Url { get; }

    public string Body { get; }

    public IReadOnlyList<(string Name, string Value)> Headers => _headers;

    public double Rate => Statistics.Median(_runs.Select(run => run.RequestsPerSecond));

    public double P50 => Statistics.Median(_runs.Select(run => run.P50));

    public double P99 => Statistics.Median(_runs.Select(run => run.P99));

    public void Reset() => _runs.Clear();

    public async Task<WrkRun> RunAsync(int connections, int seconds, bool counts, CancellationToken cancellationToken)
    {
        WrkRun run = await WrkRun.PostAsync(_script, Url, connections, seconds, cancellationToken);
        if (counts)
        {
            _runs.Add(run);
        }

        return run;
    }

    /// <summary>The median of the ratios of runs that followed each other.</summary>
    public double RatioTo(ExactTarget peer) => Statistics.Median(_runs.Zip(peer._runs, (own, other) => own.RequestsPerSecond / other.RequestsPerSecond));

    /// <summary>The same for the 99th percentile of the latency: what a busy machine adds is in both.</summary>
    public double P99RatioTo(ExactTarget peer) => Statistics.Median(_runs.Zip(peer._runs, (own, other) => own.P99 / other.P99));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-10} {Rate,8:F0} hits/s, p50 {P50 * 1e6,7:F0} us, p99 {P99 * 1e6,7:F0} us");

    /// <summary>Asks until it says that it answered from its cache: then with the bytes of its first answer, or the comparison is none.</summary>
    /// <returns>The answer's body, and what the header said.</returns>
    public async Task<(string Body, string Status)> ValidateAsync(string header, string[] expected, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        string? first = null;
        for (int call = 0; ; call++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
            foreach ((string name, string value) in _headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
            answer.EnsureSuccessStatusCode();
            string body = await answer.Content.ReadAsStringAsync(cancellationToken);
            first ??= body;
            string status = string.Join(',', answer.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values : []);
            if (body != first)
            {
                throw new InvalidOperationException($"{Name} answered other bytes the second time.");
            }

            if (call > 0 && Array.Exists(expected, text => status.Contains(text, StringComparison.Ordinal)))
            {
                return (body, status);
            }

            if (call == 20)
            {
                throw new InvalidOperationException($"{Name} never reported {header}: {string.Join(" or ", expected)}, but {status}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public void Dispose() => File.Delete(_script);
}
