using System.Globalization;

namespace CacheProxy.Benchmarks;

/// <summary>What follows the verb on the command line: <c>--name value</c> pairs and switches.</summary>
internal static class Arguments
{
    public static int Number(string[] arguments, string name, int fallback) =>
        Text(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public static string? Text(string[] arguments, string name)
    {
        int at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
