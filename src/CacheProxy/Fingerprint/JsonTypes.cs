using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>How bodies are read, and how their values are named to the people who sent them.</summary>
internal static class JsonTypes
{
    /// <summary>Deeper bodies are refused. Schemas of tools are the deepest thing that anybody sends, and stay far under it; each level costs about 200 bytes of stack.</summary>
    public const int MaxDepth = 256;

    public static JsonReaderOptions ReaderOptions { get; } = new() { MaxDepth = MaxDepth };

    public static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };
}
