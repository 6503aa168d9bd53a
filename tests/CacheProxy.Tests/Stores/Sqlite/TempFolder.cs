namespace CacheProxy.Tests.Stores.Sqlite;

/// <summary>A folder that goes away with the test. It does not exist yet.</summary>
internal sealed class TempFolder : IDisposable
{
    public string FolderPath { get; } = Path.Combine(Path.GetTempPath(), $"cacheproxy-test-{Guid.NewGuid():n}");

    public string File(string name) => Path.Combine(FolderPath, name);

    public void Dispose()
    {
        if (Directory.Exists(FolderPath))
        {
            Directory.Delete(FolderPath, recursive: true);
        }
        else if (System.IO.File.Exists(FolderPath))
        {
            System.IO.File.Delete(FolderPath);
        }
    }
}
