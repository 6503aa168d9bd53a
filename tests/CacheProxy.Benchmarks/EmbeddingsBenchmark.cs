using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Benchmarks;

/// <summary>
/// Full hits of embedding batches, from memory and, in a process that was just started, from SQLite. Every answer has to hold the bits of the
/// upstream's vectors before it is timed.
/// </summary>
internal sealed class EmbeddingsBenchmark : IBenchmark
{
    private static readonly (int Inputs, int Dimensions)[] Batches = [(100, 384), (2048, 1536)];

    public string Name => "embeddings";

    public string Summary => "milliseconds of a full hit of 100 x 384 and of 2,048 x 1,536 embeddings, in both encodings, from memory and from disk [--runs 5]";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        int runs = Arguments.Number(arguments, "--runs", 5);
        using var upstream = new Upstream();
        DirectoryInfo data = Directory.CreateTempSubdirectory("cacheproxy-embeddings-");
        try
        {
            using (var proxy = new ProxyProcess(Settings(upstream), data.FullName))
            {
                await proxy.WaitUntilReadyAsync(cancellationToken);
                foreach ((int inputs, int dimensions) in Batches)
                {
                    await AskAsync(proxy, inputs, dimensions, "base64", $"0/{inputs}", cancellationToken);
                    foreach (string encoding in new[] { "base64", "float" })
                    {
                        await MeasureAsync(proxy, "memory", inputs, dimensions, encoding, runs, cancellationToken);
                    }
                }

                // What is queued for the disk is written within a second.
                await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancellationToken);
            }

            foreach ((int inputs, int dimensions) in Batches)
            {
                var seconds = new List<double>();
                for (int run = 0; run < runs; run++)
                {
                    using var proxy = new ProxyProcess(Settings(upstream), data.FullName);
                    await proxy.WaitUntilReadyAsync(cancellationToken);
                    seconds.Add(await AskAsync(proxy, inputs, dimensions, "base64", $"{inputs}/{inputs}", cancellationToken));
                }

                Print("disk, cold process", inputs, dimensions, "base64", seconds);
            }
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    // A new process compiles its code on the way: the first hit's budget is not what is measured.
    private static Dictionary<string, string> Settings(Upstream upstream) => new()
    {
        ["CACHEPROXY__Backend__Mode"] = "none",
        ["CACHEPROXY__Semantic__Policy"] = "off",
        ["CACHEPROXY__Data__BudgetMilliseconds"] = "1000",
        ["CACHEPROXY__Upstreams__0__Name"] = "fixed",
        ["CACHEPROXY__Upstreams__0__BaseUrl"] = upstream.Url,
    };

    private static async Task MeasureAsync(ProxyProcess proxy, string place, int inputs, int dimensions, string encoding, int runs, CancellationToken cancellationToken)
    {
        var seconds = new List<double>();
        for (int run = 0; run <= runs; run++)
        {
            double time = await AskAsync(proxy, inputs, dimensions, encoding, $"{inputs}/{inputs}", cancellationToken);
            if (run > 0)
            {
                seconds.Add(time);
            }
        }

        Print(place, inputs, dimensions, encoding, seconds);
    }

    private static void Print(string place, int inputs, int dimensions, string encoding, List<double> seconds) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{inputs,4} x {dimensions,4} {encoding,-6} from {place}: {Statistics.Median(seconds) * 1e3:F1} ms ({string.Join(", ", seconds.Select(time => (time * 1e3).ToString("F1", CultureInfo.InvariantCulture)))})"));

    /// <returns>Seconds until the last byte.</returns>
    private static async Task<double> AskAsync(ProxyProcess proxy, int inputs, int dimensions, string encoding, string expectedFound, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        string body = JsonSerializer.Serialize(new { model = "m", dimensions, encoding_format = encoding, input = Enumerable.Range(0, inputs).Select(i => $"text {i} of {dimensions}") });
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await http.PostAsync(new Uri(proxy.Url, "/v1/embeddings"), content, cancellationToken);
        byte[] bytes = await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        string found = string.Join(',', answer.Headers.TryGetValues("X-CacheProxy-Inputs", out IEnumerable<string>? values) ? values : []);
        using JsonDocument document = JsonDocument.Parse(bytes);
        JsonElement data = document.RootElement.GetProperty("data");
        int last = inputs - 1;
        if (found != expectedFound || data.GetArrayLength() != inputs || !VectorOf(data[last]).SequenceEqual(Upstream.Vector(last, dimensions)))
        {
            throw new InvalidOperationException($"{inputs} x {dimensions} {encoding}: {found} found where {expectedFound} were to be, or vectors that are not the upstream's.");
        }

        return seconds;
    }

    private static float[] VectorOf(JsonElement item)
    {
        JsonElement vector = item.GetProperty("embedding");
        return vector.ValueKind == JsonValueKind.String
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
            : [.. vector.EnumerateArray().Select(number => number.GetSingle())];
    }

    /// <summary>Answers in base64, one vector per input, by its place in the batch.</summary>
    private sealed class Upstream : IDisposable
    {
        private readonly HttpListener _listener = new();

        public Upstream()
        {
            Url = $"http://127.0.0.1:{FreePort.Next()}/";
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _ = ServeAsync();
        }

        public string Url { get; }

        public static float[] Vector(int place, int dimensions)
        {
            var random = new Random(place);
            return [.. Enumerable.Range(0, dimensions).Select(_ => (random.NextSingle() - 0.5f) / 16)];
        }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                using JsonDocument request = await JsonDocument.ParseAsync(context.Request.InputStream);
                int inputs = request.RootElement.GetProperty("input").GetArrayLength(), dimensions = request.RootElement.GetProperty("dimensions").GetInt32();
                var answer = new StringBuilder("{\"object\":\"list\",\"data\":[");
                for (int i = 0; i < inputs; i++)
                {
                    byte[] numbers = System.Runtime.InteropServices.MemoryMarshal.AsBytes(Vector(i, dimensions).AsSpan()).ToArray();
                    answer.Append(i > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{{\"object\":\"embedding\",\"index\":{i},\"embedding\":\"{Convert.ToBase64String(numbers)}\"}}");
                }

                byte[] bytes = Encoding.UTF8.GetBytes(answer.Append("],\"model\":\"m\",\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}").ToString());
                context.Response.ContentType = "application/json";
                context.Response.ContentLength64 = bytes.Length;
                await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
        }
    }
}
