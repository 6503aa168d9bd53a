namespace CacheProxy.Inference.Tests.Gguf;

/// <summary>A file in the temporary folder that goes with the test.</summary>
public sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(ReadOnlySpan<byte> content) => File.WriteAllBytes(Path, content);

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);
}
