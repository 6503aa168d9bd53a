using System.IO.MemoryMappedFiles;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>
/// A GGUF model file, mapped into memory: header parsed and checked against the file's length, weights left where they are
/// (the page cache's copy is the only one until somebody reads a row).
/// </summary>
/// <remarks>Every tensor in <see cref="Tensors"/> lies inside the file. The file must not be shortened while it is open.</remarks>
public sealed unsafe class GgufFile : ICheckpoint
{
    private readonly MemoryMappedFile _mapping;
    private readonly long _length;
    private MemoryMappedViewAccessor _view;
    private byte* _start;

    private GgufFile(string path, MemoryMappedFile mapping, MemoryMappedViewAccessor view, long length)
    {
        Path = path;
        _mapping = mapping;
        _length = length;
        _view = view;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        try
        {
            var cursor = new GgufCursor(path, _start, length);
            (Version, Metadata, Tensors) = GgufHeader.Read(ref cursor);
            Settings = new GgufSettings(Metadata);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Path { get; }

    public uint Version { get; }

    public GgufMetadata Metadata { get; }

    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    public IModelSettings Settings { get; }

    /// <exception cref="ModelFormatException">Not a GGUF file, truncated, or with a header that contradicts itself.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        long length = new FileInfo(path).Length;
        if (length == 0)
        {
            throw new ModelFormatException(path, "magic", "the file is empty");
        }

        var mapping = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        try
        {
            return new GgufFile(path, mapping, mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read), length);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <exception cref="ModelFormatException">The model has no tensor of that name.</exception>
    public GgufTensor GetTensor(string name) =>
        Tensors.TryGetValue(name, out GgufTensor? tensor) ? tensor : throw new ModelFormatException(Path, name, "is missing");

    public bool Has(string name) => Tensors.ContainsKey(name);

    public IWeightMatrix Get(string name) => new GgufMatrix(this, GetTensor(name));

    /// <summary>Raw bytes of <paramref name="count"/> rows; valid while the file is open.</summary>
    public ReadOnlySpan<byte> GetRows(GgufTensor tensor, int row, int count)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)row + count, tensor.Rows);
        return new ReadOnlySpan<byte>(_start + tensor.Offset + (row * tensor.RowBytes), checked((int)(count * tensor.RowBytes)));
    }

    /// <summary>Writes one row as floats, [tensor.Columns].</summary>
    /// <exception cref="ModelFormatException">The engine has no code for the tensor's weight format.</exception>
    public void Dequantize(GgufTensor tensor, int row, Span<float> weights)
    {
        DequantizerOf(tensor)(GetRows(tensor, row, 1), weights[..tensor.Columns]);
    }

    /// <exception cref="ModelFormatException">The engine has no code for the tensor's weight format.</exception>
    internal TensorFormat.DequantizeBlocks DequantizerOf(GgufTensor tensor) => TensorFormat.Find(tensor.Type)?.Dequantize
        ?? throw new ModelFormatException(Path, tensor.Name, $"weights of type {tensor.Type} are not supported");

    /// <summary>
    /// Maps the file anew, so that what has been read so far no longer counts as this process's memory. Not while another thread reads.
    /// </summary>
    public void ReleasePages()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        MemoryMappedViewAccessor fresh = _mapping.CreateViewAccessor(0, _length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _view = fresh;
        _start = null;
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
