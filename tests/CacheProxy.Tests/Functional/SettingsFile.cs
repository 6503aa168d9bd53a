using System.Text.Json.Nodes;

namespace CacheProxy.Tests.Functional;

/// <summary>Writes settings as the configuration file has them.</summary>
internal static class SettingsFile
{
    /// <param name="layers">Each maps <c>Section:Key</c> to a value; later ones win.</param>
    public static string Write(params Dictionary<string, string>?[] layers)
    {
        var root = new JsonObject();
        foreach ((string key, string value) in layers.SelectMany(layer => layer ?? []))
        {
            string[] parts = key.Split(':');
            JsonObject section = root;
            foreach (string part in parts[..^1])
            {
                section = section[part] as JsonObject ?? (JsonObject)(section[part] = new JsonObject());
            }

            section[parts[^1]] = value;
        }

        return root.ToJsonString();
    }
}
