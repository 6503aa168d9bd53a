namespace CacheProxy.Storage;

/// <summary>The file is whole, but another version of the program wrote it, and this one cannot read it.</summary>
public sealed class UnknownLayoutException(string path, long version, bool isWorthless = false)
    : IOException($"Another version of the program wrote {path} (layout {version}).")
{
    /// <summary>No version reads it any more.</summary>
    public bool IsWorthless => isWorthless;
}
