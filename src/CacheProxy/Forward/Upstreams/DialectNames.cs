using CacheProxy.Exchange;

namespace CacheProxy.Forward.Upstreams;

/// <summary>The dialects as settings and messages name them: by the last word of their path.</summary>
internal static class DialectNames
{
    private static readonly (string Name, Dialect Dialect)[] Names =
    [
        ("chat", Dialect.OpenAIChat),
        ("completions", Dialect.OpenAICompletions),
        ("embeddings", Dialect.OpenAIEmbeddings),
        ("responses", Dialect.OpenAIResponses),
        ("messages", Dialect.AnthropicMessages),
    ];

    public static string Allowed => string.Join(", ", Names.Select(known => known.Name));

    public static string NameOf(Dialect dialect) => Array.Find(Names, known => known.Dialect == dialect).Name;

    /// <returns>False: <paramref name="unknown"/> is not among the names.</returns>
    public static bool TryRead(string list, out Dialect[] dialects, out string? unknown)
    {
        string[] words = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        unknown = Array.Find(words, word => !Array.Exists(Names, known => known.Name.Equals(word, StringComparison.OrdinalIgnoreCase)));
        dialects = unknown is null
            ? [.. words.Select(word => Array.Find(Names, known => known.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Dialect)]
            : [];
        return unknown is null;
    }
}
