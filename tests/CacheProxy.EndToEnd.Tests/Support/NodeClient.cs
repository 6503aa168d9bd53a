using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CacheProxy.TestKit;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>Runs the real clients (<c>clients/run.mjs</c>) and gives back what the application would see. A group of scenarios runs once, in one process.</summary>
internal static class NodeClient
{
    private static readonly string Folder = Repository.File("tests", "CacheProxy.EndToEnd.Tests");
    private static readonly string[] Packages = ["openai", "@anthropic-ai/sdk", "playwright-core", "axe-core"];
    private static readonly Lazy<Task<string?>> Missing = new(PrepareAsync);
    private static readonly ConcurrentDictionary<(Uri, string), Lazy<Task<JsonNode>>> Groups = new();

    /// <summary>Skips the test, with the reason, where the clients cannot run on this machine.</summary>
    public static async Task<JsonNode> RunAsync(Uri server, string group, string scenario)
    {
        await SkipUnlessAvailableAsync();
        JsonNode results = await Groups.GetOrAdd((server, group), key => new Lazy<Task<JsonNode>>(() => RunGroupAsync(key.Item1, key.Item2))).Value;
        JsonNode result = results[scenario] ?? throw new ArgumentException($"'{group}' has no scenario '{scenario}'.", nameof(scenario));
        Assert.True(result["error"] is null, $"{group} {scenario}: {result["error"]}");
        return result["value"]!;
    }

    public static async Task SkipUnlessAvailableAsync()
    {
        if (await Missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    private static async Task<JsonNode> RunGroupAsync(Uri server, string group)
    {
        ProcessResult result = await ProcessResult.RunAsync("node", ["clients/run.mjs", server.ToString().TrimEnd('/'), group], Folder, TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, $"{group} ended with {result.ExitCode}:\n{result.Error}");
        return JsonNode.Parse(result.Output)!;
    }

    /// <returns>Why there are no clients here; null: there are.</returns>
    private static async Task<string?> PrepareAsync()
    {
        if (!await ProcessResult.CanRunAsync("node"))
        {
            return "node is not installed";
        }

        if (Packages.All(package => Directory.Exists(Path.Combine(Folder, "node_modules", package))))
        {
            return null;
        }

        if (!await ProcessResult.CanRunAsync("npm"))
        {
            return "npm is not installed and the clients are not there yet";
        }

        ProcessResult install = await ProcessResult.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], Folder, TimeSpan.FromMinutes(3));
        return install.ExitCode == 0 ? null : $"npm ci failed: {install.Error}";
    }
}
