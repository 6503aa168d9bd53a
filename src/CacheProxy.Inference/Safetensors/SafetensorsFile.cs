using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>One safetensors file, mapped into memory: every tensor in <see cref="Tensors"/> lies inside it.</summary>
/// <remarks>The file must not be shortened while it is open.</remarks>
public sealed class SafetensorsFile : IDisposable
{
    private readonly MappedFile _file;

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        Tensors = SafetensorsHeader.Read(file);
    }

    public string Path => _file.Path;

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    /// <exception cref="ModelFormatException">Not a safetensors file, truncated, or with a header that contradicts itself.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Raw bytes of <paramref name="count"/> elements from <paramref name="first"/> on; valid while the file is open.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has not so many.</exception>
    public ReadOnlySpan<byte> GetBytes(SafetensorsTensor tensor, long first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, tensor.Count - first);
        int size = tensor.Type.Bytes();
        return _file.Read(tensor.Offset + (first * size), checked(count * size));
    }

    /// <inheritdoc cref="MappedFile.ReleasePages"/>
    public void ReleasePages() => _file.ReleasePages();

    public void Dispose() => _file.Dispose();
}
