using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.EndToEnd.Tests.Support;
using CacheProxy.TestKit;

namespace CacheProxy.EndToEnd.Tests.Dashboard;

/// <summary>The product with keys for the dashboard, in front of a scripted upstream, with settings of its own that the dashboard may change.</summary>
internal sealed class DashboardProgram : IAsyncDisposable
{
    public const string AdminKey = "key of the administrator";
    public const string ReaderKey = "key of who only looks";

    private readonly string _data = Directory.CreateTempSubdirectory("cacheproxy-dashboard-").FullName;
    private readonly ScriptedUpstream _upstream = new();
    private ServerProgram? _program;

    public Uri Address => _program!.Address;

    public string Settings => Path.Combine(_data, "cacheproxy.json");

    public static async Task<DashboardProgram> StartAsync()
    {
        var program = new DashboardProgram();
        try
        {
            await program.RunAsync();
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        _upstream.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private async Task RunAsync()
    {
        JsonNode settings = JsonNode.Parse(await File.ReadAllTextAsync(Repository.File("config", "cacheproxy.json")))!;
        Uri address = ServerProgram.FreeAddress();
        settings["Server"]!["Url"] = address.ToString();
        settings["Data"]!["Path"] = _data;
        settings["Backend"]!["Url"] = ServerProgram.FreeAddress().ToString();
        settings["Admin"]!["Key"] = AdminKey;
        settings["Admin"]!["ReadOnlyKey"] = ReaderKey;
        settings["Upstreams"] = new JsonArray(
            new JsonObject { ["Name"] = "provider", ["Kind"] = "openai", ["BaseUrl"] = _upstream.Address.ToString(), ["Retries"] = 0 },
            new JsonObject { ["Name"] = "bundled", ["Kind"] = "cacheproxy", ["BaseUrl"] = (string)settings["Backend"]!["Url"]!, ["Models"] = "smollm2*" });

        // One tenant with a name and a budget that its traffic uses up.
        string key = Path.Combine(_data, "search.key");
        await File.WriteAllTextAsync(key, "sk-search");
        settings["Tenants"]!["Names"] = new JsonArray(new JsonObject { ["Name"] = "search", ["KeyFile"] = key });
        settings["Budgets"] = new JsonArray(new JsonObject { ["Name"] = "search-day", ["Tenant"] = "search", ["Window"] = "Day", ["Requests"] = 3, ["Hard"] = false });

        // Every hit is compared with the upstream's own answer, at once: the page of the thresholds has something to show.
        settings["Semantic"]!["AuditShare"] = 1;
        settings["Semantic"]!["AuditsPerMinute"] = 600;

        // What is shown is proved here, not how fast it is: a busy machine must not turn a hit into a miss.
        settings["Semantic"]!["BudgetMilliseconds"] = 5000;
        settings["Semantic"]!["Embedder"]!["BudgetMilliseconds"] = 5000;
        settings["Data"]!["BudgetMilliseconds"] = 5000;
        await File.WriteAllTextAsync(Settings, settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        _program = await ServerProgram.StartAsync("CacheProxy", address, ["--config", Settings], new Dictionary<string, string>());
    }
}
