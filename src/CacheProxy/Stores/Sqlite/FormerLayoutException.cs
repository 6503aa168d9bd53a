namespace CacheProxy.Stores.Sqlite;

/// <summary>The file was written by an earlier version whose entries this one cannot read.</summary>
internal sealed class FormerLayoutException(long version) : IOException($"Layout version {version} is a former one.")
{
    public long Version => version;
}
