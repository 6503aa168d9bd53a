using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests.Dashboard;

/// <summary>One program and one browser for all tests of the dashboard; the scenarios (<c>Dashboard/dashboard.mjs</c>) run once, in their order.</summary>
public sealed class DashboardBrowser : IAsyncDisposable
{
    private const string Chromium = "/usr/bin/chromium";
    private readonly Lazy<Task<DashboardProgram>> _program = new(DashboardProgram.StartAsync);

    /// <returns>What the scenario gives back; the test is skipped, with the reason, where there is no browser.</returns>
    public async Task<JsonNode> RunAsync(string scenario)
    {
        Assert.SkipUnless(File.Exists(Chromium), "chromium is not installed");
        await NodeClient.SkipUnlessAvailableAsync();
        return await NodeClient.RunAsync((await _program.Value).Address, "../Dashboard/dashboard", scenario);
    }

    /// <summary>The weekly report over the ledger of the program, which goes on, as a browser shows it.</summary>
    public async Task<JsonNode> RunOnReportAsync(string scenario)
    {
        await RunAsync("traffic");
        string settings = await SettingsAsync(), page = Path.Combine(Path.GetDirectoryName(settings)!, "report.html");
        ProcessResult report = await ProcessResult.RunAsync(
            "dotnet", [ServerProgram.AssemblyPath("CacheProxy"), "report", "--since", "1h", "--config", settings, "--out", page], Path.GetDirectoryName(settings)!, TimeSpan.FromMinutes(2));
        Assert.True(report.ExitCode == 0, report.Error);
        return await NodeClient.RunAsync(new Uri(page), "../Dashboard/report", scenario);
    }

    /// <returns>The settings file of the program.</returns>
    public async Task<string> SettingsAsync() => (await _program.Value).Settings;

    public async ValueTask DisposeAsync()
    {
        if (_program.IsValueCreated && _program.Value.IsCompletedSuccessfully)
        {
            await (await _program.Value).DisposeAsync();
        }
    }
}
