using CacheProxy.TestKit;

namespace CacheProxy.Tests.SemanticCache;

internal static class SemanticFixtures
{
    /// <summary>The rows of a tab-separated file of the Fixtures folder, empty lines left out.</summary>
    public static IEnumerable<string[]> Rows(string file)
        => File.ReadLines(Repository.File("tests", "CacheProxy.Tests", "SemanticCache", "Fixtures", file))
            .Where(line => line.Length > 0)
            .Select(line => line.Split('\t'));
}
