using System.Text.Json;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Files of the Fixtures folder beside these tests.</summary>
internal static class Fixture
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Path(string name) => Repository.File("tests", "CacheProxy.Inference.Tests", "Fixtures", name);

    public static T Read<T>(string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path(name)), SnakeCase)!;

    public static IEnumerable<T> ReadLines<T>(string name) =>
        File.ReadLines(Path(name)).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<T>(line, SnakeCase)!);
}
