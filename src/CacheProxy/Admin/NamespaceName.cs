namespace CacheProxy.Admin;

/// <summary>What a request may name in <c>X-CacheProxy-Namespace</c> and <c>-Tags</c>: administration takes nothing else either.</summary>
internal static class NamespaceName
{
    public const int MaxLength = 128;
    public const int MaxTagLength = 64;

    public const string Rule = "use letters, digits or ._:/- characters, at most 128.";
    public const string TagRule = "use 1 to 64 letters, digits or ._:/- characters.";

    /// <summary>The empty one is the common namespace.</summary>
    public static bool IsValid(string space) => space.Length <= MaxLength && IsWord(space);

    public static bool IsValidTag(string tag) => tag.Length is > 0 and <= MaxTagLength && IsWord(tag);

    private static bool IsWord(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '/' or '-');
}
