using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace CacheProxy.Benchmarks;

/// <summary>Time to the first streamed token through the whole product, cold and with the first ~2,000 of ~2,100 prompt tokens seen before.</summary>
internal sealed class PrefixBenchmark : IBenchmark
{
    private const int Runs = 7;
    private const int SharedWords = 2000;

    public string Name => "prefix";

    public string Summary => "time to first token with 2,000 of 2,100 prompt tokens cached, as a ratio to cold";

    public async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var proxy = new ProxyProcess(new Dictionary<string, string> { ["CACHEPROXY__Semantic__Policy"] = "off" });
        await proxy.WaitUntilReadyAsync(cancellationToken);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        var ratios = new List<double>();
        var cold = new List<double>();
        var warm = new List<double>();
        long cachedTokens = 0, promptTokens = 0;
        for (int run = 0; run < Runs; run++)
        {
            string shared = Prose(new Random(run), SharedWords);
            (double first, _, _) = await AskAsync(http, proxy, shared, Prose(new Random(1000 + run), 60), cancellationToken);
            (double second, promptTokens, cachedTokens) = await AskAsync(http, proxy, shared, Prose(new Random(2000 + run), 60), cancellationToken);
            if (cachedTokens < 0.9 * (promptTokens - 150))
            {
                throw new InvalidOperationException($"Only {cachedTokens} of {promptTokens} prompt tokens were cached.");
            }

            if (run > 0)
            {
                cold.Add(first);
                warm.Add(second);
                ratios.Add(second / first);
            }
        }

        Console.WriteLine(
            $"time to first token: cold {Statistics.Median(cold) * 1e3:F0} ms, with {cachedTokens} of {promptTokens} tokens cached "
            + $"{Statistics.Median(warm) * 1e3:F1} ms (ratio {Statistics.Median(ratios) * 100:F1} %)");
    }

    private static async Task<(double Seconds, long PromptTokens, long CachedTokens)> AskAsync(
        HttpClient http, ProxyProcess proxy, string system, string question, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, proxy.ChatCompletions)
        {
            Content = JsonContent.Create(new
            {
                model = "smollm2-135m-instruct",
                stream = true,
                stream_options = new { include_usage = true },
                temperature = 0,
                max_tokens = 4,
                messages = new[] { new { role = "system", content = system }, new { role = "user", content = question } },
            }),
        };
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        double firstToken = 0;
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
            {
                continue;
            }

            JsonElement chunk = JsonDocument.Parse(line.AsMemory(6)).RootElement;
            if (firstToken == 0 && HasToken(chunk))
            {
                firstToken = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }

            if (chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                return (firstToken, usage.GetProperty("prompt_tokens").GetInt64(), usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt64());
            }
        }

        throw new InvalidOperationException("The stream ended without usage.");
    }

    // The first token may be the one that ends the turn: it has no text, only a reason.
    private static bool HasToken(JsonElement chunk)
        => chunk.GetProperty("choices") is { } choices && choices.GetArrayLength() > 0
            && (choices[0].GetProperty("finish_reason").ValueKind == JsonValueKind.String
                || (choices[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) && content.GetString() is { Length: > 0 }));

    private static string Prose(Random random, int words)
    {
        string[] vocabulary = ["river", "stone", "winter", "engine", "market", "garden", "music", "window", "paper", "light", "city", "answer", "water", "number", "evening", "house"];
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => vocabulary[random.Next(vocabulary.Length)]));
    }
}
