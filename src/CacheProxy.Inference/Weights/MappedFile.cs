using System.IO.MemoryMappedFiles;

namespace CacheProxy.Inference.Weights;

/// <summary>
/// A model file mapped read-only: the page cache's copy is the only one until somebody reads it. Every read is checked against the length
/// at opening; the file must not be shortened while it is open.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _mapping;
    private MemoryMappedViewAccessor _view;
    private byte* _start;

    private MappedFile(string path, MemoryMappedFile mapping, long length)
    {
        (Path, Length, _mapping) = (path, length, mapping);
        _view = mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>The first byte; <see cref="Length"/> follow. Valid until <see cref="ReleasePages"/> or <see cref="Dispose"/>.</summary>
    public byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <exception cref="ModelFormatException">The file is empty.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        long length = new FileInfo(path).Length;
        if (length == 0)
        {
            throw new ModelFormatException(path, "length", "the file is empty");
        }

        var mapping = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        try
        {
            return new MappedFile(path, mapping, length);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>Bytes [offset, offset + count) of the file; valid as long as <see cref="Start"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all inside the file.</exception>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - offset);
        return new ReadOnlySpan<byte>(Start + offset, count);
    }

    /// <summary>
    /// Maps the file anew, so that what has been read so far no longer counts as this process's memory. Not while another thread reads.
    /// </summary>
    public void ReleasePages()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        MemoryMappedViewAccessor fresh = _mapping.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _view = fresh;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public void Dispose()
    {
        if (_start is not null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        _view.Dispose();
        _mapping.Dispose();
    }
}
