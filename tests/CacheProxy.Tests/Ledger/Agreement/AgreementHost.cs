using System.Globalization;
using System.Text.Json;
using CacheProxy.Cli;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Pipeline;
using CacheProxy.TestKit;
using CacheProxy.Tests.Functional;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>The whole program over one data folder, started and stopped as often as wanted; and the verbs that read the folder without it.</summary>
internal sealed class AgreementHost : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("cacheproxy-test-");
    private WebApplication? _app;
    private HttpClient? _client;

    public FakeTimeProvider Clock { get; } = new(SyntheticTraffic.Start);

    public ILedger Ledger => _app!.Services.GetRequiredService<ILedger>();

    public ILedgerReader Reader => _app!.Services.GetRequiredService<ILedgerReader>();

    /// <summary>Until what was added is in the file.</summary>
    public Task SettleAsync() => _app!.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);

    private string Settings => Path.Combine(_data.FullName, "cacheproxy.json");

    /// <param name="rowsPerSecond">Beyond it rows are merged.</param>
    public async Task StartAsync(int rowsPerSecond)
    {
        await File.WriteAllTextAsync(Settings, SettingsFile.Write(new Dictionary<string, string>
        {
            ["Server:Url"] = "http://127.0.0.1:0",
            ["Data:Path"] = _data.FullName,
            ["Backend:Mode"] = "none",
            ["Semantic:Policy"] = "off",
            ["Ledger:KeysPerDay"] = "100000",
            ["Ledger:RowsPerSecond"] = rowsPerSecond.ToString(CultureInfo.InvariantCulture),
        }), TestContext.Current.CancellationToken);
        _app = CacheProxyApplication.Build(["--config", Settings], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(Clock);
        });
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()), Timeout = TimeSpan.FromSeconds(60) };
    }

    public async Task StopAsync()
    {
        _client?.Dispose();
        if (_app is { } app)
        {
            await app.StopAsync(TestContext.Current.CancellationToken);
            await app.DisposeAsync();
        }

        _app = null;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        string text = await TextAsync(path);
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<string> TextAsync(string path)
    {
        using HttpResponseMessage response = await _client!.GetAsync(path, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    /// <summary>A verb of the program over the data folder.</summary>
    public async Task<string> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CliProgram.RunAsync([.. args, "--config", Settings], Workbench.Open, output, errors, TestContext.Current.CancellationToken);
        Assert.Equal("", errors.ToString());
        Assert.Equal(0, code);
        return output.ToString();
    }

    public string FileIn(string name) => Path.Combine(_data.FullName, name);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _data.Delete(recursive: true);
    }
}
