namespace CacheProxy.Inference.Tests.Tiers;

/// <summary>A folder that goes with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kv-tier-").FullName;

    public string Index => System.IO.Path.Combine(Path, CacheProxy.Inference.Tiers.DiskFiles.IndexName);

    public string Blocks => System.IO.Path.Combine(Path, CacheProxy.Inference.Tiers.DiskFiles.BlocksName);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
