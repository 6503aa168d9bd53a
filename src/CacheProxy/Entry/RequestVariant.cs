using Microsoft.Extensions.Primitives;

namespace CacheProxy.Entry;

/// <summary>
/// What of a request can change its answer without being in the body: the query, and the headers by which clients choose a version of the
/// API or its beta features. All other headers are about the connection, the client's library or the credentials, which the scope holds.
/// </summary>
public static class RequestVariant
{
    private const string Version = "anthropic-version";

    // The version whose shapes are the ones known here: naming it is the same as naming none.
    private const string FirstVersion = "2023-06-01";

    // What current clients send with the very bodies that older ones send with the first.
    private const string CurrentVersion = "2026-10-21";
    private const string Current = $"\n{Version}:{CurrentVersion}";

    private static readonly string[] Headers = [Version, "anthropic-beta", "openai-beta"];

    /// <summary>Nothing but a version under which plain text is asked for and answered as under the first.</summary>
    public static bool IsPlain(string variant) => variant.Length == 0 || variant == Current;

    /// <summary>Without allocating for nearly every request.</summary>
    public static string Read(HttpRequest request)
    {
        string variant = request.QueryString.Value ?? "";
        foreach (string name in Headers)
        {
            if (request.Headers.TryGetValue(name, out StringValues values) && values.Count > 0 && !(name == Version && values == FirstVersion))
            {
                if (variant.Length == 0 && name == Version && values == CurrentVersion)
                {
                    variant = Current;
                    continue;
                }

                // A header's value holds no line break, so that none can look like another's.
                variant = $"{variant}\n{name}:{values}";
            }
        }

        return variant;
    }
}
