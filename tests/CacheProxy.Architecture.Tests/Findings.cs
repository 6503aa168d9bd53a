namespace CacheProxy.Architecture.Tests;

internal static class Findings
{
    /// <summary>Fails with one line per finding, uncut.</summary>
    public static void AssertNone(IEnumerable<string> findings)
    {
        string[] found = [.. findings.Distinct()];
        if (found.Length > 0)
        {
            Assert.Fail(string.Join('\n', found));
        }
    }
}
