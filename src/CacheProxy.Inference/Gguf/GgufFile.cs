using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>
/// A GGUF model file, mapped into memory: header parsed and checked against the file's length, weights left where they are
/// (the page cache's copy is the only one until somebody reads a row).
/// </summary>
/// <remarks>Every tensor in <see cref="Tensors"/> lies inside the file. The file must not be shortened while it is open.</remarks>
public sealed unsafe class GgufFile : ICheckpoint
{
    private readonly MappedFile _file;

    private GgufFile(MappedFile file)
    {
        _file = file;
        var cursor = new GgufCursor(file.Path, file.Start, file.Length);
        (Version, Metadata, Tensors) = GgufHeader.Read(ref cursor);
        Settings = new GgufSettings(Metadata);
    }

    public string Path => _file.Path;

    public uint Version { get; }

    public GgufMetadata Metadata { get; }

    public IReadOnlyDictionary<string, GgufTensor> Tensors { get; }

    public IModelSettings Settings { get; }

    /// <exception cref="ModelFormatException">Not a GGUF file, truncated, or with a header that contradicts itself.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GgufFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
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
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)row + count, tensor.Rows);
        return _file.Read(tensor.Offset + (row * tensor.RowBytes), checked((int)(count * tensor.RowBytes)));
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

    public void ReleasePages() => _file.ReleasePages();

    public void Dispose() => _file.Dispose();
}
