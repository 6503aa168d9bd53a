using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Onnx.Tests.Support;

/// <summary>Golden files as JSON lines: the shippable rows from Fixtures, the whole from the shared folder where there is one.</summary>
internal static class GoldenLines
{
    /// <summary>Rows shipped with the tests.</summary>
    public static IEnumerable<JsonElement> Shipped(string file) => Read(Repository.File("tests", "CacheProxy.Onnx.Tests", "Fixtures", file));

    /// <summary>Rows of a file under the shared folder; skips the test where it is absent.</summary>
    public static IEnumerable<JsonElement> Shared(params string[] parts)
    {
        string? path = Repository.Shared(parts);
        Assert.SkipWhen(path is null, $"shared/{string.Join('/', parts)} is not beside this checkout");
        return Read(path!);
    }

    public static int[] Ints(this JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];

    public static string Text(this JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static IEnumerable<JsonElement> Read(string path) =>
        File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement);
}
