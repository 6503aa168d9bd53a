using System.Text.Json.Nodes;
using CacheProxy.TestKit;

namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>Runs <c>client.mjs</c>, the real openai client, and gives back what the application would see.</summary>
internal static class NodeClient
{
    private static readonly string Folder = Repository.File("tests", "CacheProxy.EndToEnd.Tests");
    private static readonly Lazy<Task<string?>> Missing = new(PrepareAsync);

    /// <summary>Skips the test, with the reason, where the client cannot run on this machine.</summary>
    public static async Task<JsonNode> RunAsync(Uri server, string scenario)
    {
        await SkipUnlessAvailableAsync();
        ProcessResult result = await ProcessResult.RunAsync("node", ["client.mjs", server.ToString().TrimEnd('/'), scenario], Folder, TimeSpan.FromMinutes(3));
        Assert.True(result.ExitCode == 0, $"client.mjs {scenario} ended with {result.ExitCode}:\n{result.Error}");
        return JsonNode.Parse(result.Output)!;
    }

    public static async Task SkipUnlessAvailableAsync()
    {
        if (await Missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    /// <returns>Why there is no client here; null: there is one.</returns>
    private static async Task<string?> PrepareAsync()
    {
        if (!await ProcessResult.CanRunAsync("node"))
        {
            return "node is not installed";
        }

        if (Directory.Exists(Path.Combine(Folder, "node_modules", "openai")))
        {
            return null;
        }

        if (!await ProcessResult.CanRunAsync("npm"))
        {
            return "npm is not installed and the openai client is not there yet";
        }

        ProcessResult install = await ProcessResult.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], Folder, TimeSpan.FromMinutes(3));
        return install.ExitCode == 0 ? null : $"npm ci failed: {install.Error}";
    }
}
