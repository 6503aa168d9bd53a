using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using CacheProxy.TestKit;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Observability;

/// <summary>Debian's Prometheus on a free port of this machine with an empty folder: scrapes every second, with our rules evaluated every second.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-test-");
    private readonly Process _process;
    private readonly HttpClient _client;

    private PrometheusServer(string program, (string Job, Uri Address)[] targets)
    {
        string rules = Path.Combine(_folder.FullName, "rules.yml"), configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        File.WriteAllText(rules, File.ReadAllText(Repository.File("config", "prometheus", "cacheproxy.rules.yml")).Replace("interval: 30s", "interval: 1s", StringComparison.Ordinal));
        File.WriteAllText(
            configuration,
            $"global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\nrule_files: [rules.yml]\nscrape_configs:\n"
            + string.Concat(targets.Select(target => $"  - job_name: {target.Job}\n    static_configs: [{{targets: ['{target.Address.Authority}']}}]\n")));
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        _client = new HttpClient { BaseAddress = new Uri($"http://{address}/api/v1/") };
        _process = Process.Start(new ProcessStartInfo(
            program,
            [$"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "data")}", $"--web.listen-address={address}", "--enable-feature=exemplar-storage", "--log.level=error"])
        {
            RedirectStandardError = true,
        })!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
    }

    /// <summary>Null: it is not installed.</summary>
    public static string? Program { get; }
        = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "prometheus")).FirstOrDefault(File.Exists);

    /// <summary>Starts it and waits until each target was scraped. Only where <see cref="Program"/> is there.</summary>
    public static async Task<PrometheusServer> StartAsync(params (string Job, Uri Address)[] targets)
    {
        var server = new PrometheusServer(Program!, targets);
        await Wait.UntilAsync(async () => await server.ScrapesAsync() >= targets.Length, "every target is scraped");
        return server;
    }

    /// <summary>Waits for a scrape that begins after now, of every target.</summary>
    public Task WaitForScrapeAsync() => WaitAsync("up");

    /// <summary>Waits until a rule is evaluated again.</summary>
    /// <param name="recorded">A series that it records.</param>
    public Task WaitForRulesAsync(string recorded) => WaitAsync(recorded);

    /// <returns>Values of the series that have one, NaN not counted.</returns>
    /// <exception cref="InvalidDataException">The expression cannot be evaluated; the message says why.</exception>
    public async Task<double[]> QueryAsync(string expression)
    {
        JsonElement data = await GetAsync($"query?query={Uri.EscapeDataString(expression)}");
        return [.. data.GetProperty("result").EnumerateArray()
            .Select(series => double.Parse(series.GetProperty("value")[1].GetString()!.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture))
            .Where(value => !double.IsNaN(value))];
    }

    /// <summary>The answer's <c>data</c>.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(path, TestContext.Current.CancellationToken);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return answer.TryGetProperty("data", out JsonElement data) ? data : throw new InvalidDataException(answer.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task WaitAsync(string series)
    {
        string asked = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        await Wait.UntilAsync(async () => await CountAsync(series) is > 0 and var all && await CountAsync($"timestamp({series}) * 1000 > {asked}") == all, series);
    }

    private async Task<int> CountAsync(string expression) => (await QueryAsync(expression)).Length;

    private async Task<int> ScrapesAsync()
    {
        try
        {
            return await CountAsync("up == 1");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or InvalidDataException)
        {
            // Not listening, or not ready yet.
            return 0;
        }
    }
}
