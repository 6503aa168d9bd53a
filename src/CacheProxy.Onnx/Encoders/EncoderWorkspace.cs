using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Onnx.Encoders;

/// <summary>
/// Input and output buffers of one run at a time, pinned for ONNX Runtime, with one binding per batch shape kept: a warm run
/// allocates nothing. All tensors are row-major [rows, width], the output [rows, width, outputPerCell] or [rows] when that is 0.
/// </summary>
internal sealed class EncoderWorkspace(InferenceSession session, string outputName, int outputPerCell, bool takesTypes) : IDisposable
{
    // Shapes seen are (1, length) and small batches; more than this means ragged bulk work, for which rebuilding (20 us) is nothing.
    private const int MaxBindings = 512;

    private readonly Dictionary<(int Rows, int Width), Binding> _bindings = [];
    private long[] _ids = [];
    private long[] _mask = [];
    private long[] _types = [];
    private float[] _output = [];

    /// <summary>Token ids, attention mask and token types of row <c>i</c> start at <c>i * width</c>.</summary>
    public Span<long> Ids => _ids;

    public Span<long> Mask => _mask;

    public Span<long> Types => _types;

    /// <summary>Makes room for a batch and clears it: everything is padding until written.</summary>
    public void Prepare(int rows, int width)
    {
        int cells = rows * width;
        if (cells > _ids.Length)
        {
            DropBindings();
            int capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(cells, 64));
            _ids = GC.AllocateArray<long>(capacity, pinned: true);
            _mask = GC.AllocateArray<long>(capacity, pinned: true);
            _types = GC.AllocateArray<long>(capacity, pinned: true);
            _output = GC.AllocateUninitializedArray<float>(capacity * Math.Max(1, outputPerCell), pinned: true);
        }

        _ids.AsSpan(0, cells).Clear();
        _mask.AsSpan(0, cells).Clear();
        _types.AsSpan(0, cells).Clear();
    }

    /// <summary>Runs what was prepared and filled; the result is valid until the next <see cref="Prepare"/>.</summary>
    public ReadOnlySpan<float> Run(RunOptions options, int rows, int width)
    {
        if (!_bindings.TryGetValue((rows, width), out Binding? binding))
        {
            if (_bindings.Count >= MaxBindings)
            {
                DropBindings();
            }

            binding = new Binding(this, rows, width);
            _bindings.Add((rows, width), binding);
        }

        session.RunWithBinding(options, binding.Io);
        return _output.AsSpan(0, outputPerCell == 0 ? rows : rows * width * outputPerCell);
    }

    public void Dispose() => DropBindings();

    private void DropBindings()
    {
        foreach (Binding binding in _bindings.Values)
        {
            binding.Dispose();
        }

        _bindings.Clear();
    }

    private sealed class Binding : IDisposable
    {
        private readonly OrtValue[] _values;

        public Binding(EncoderWorkspace owner, int rows, int width)
        {
            long[] shape = [rows, width];
            int cells = rows * width;
            _values =
            [
                OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, owner._ids.AsMemory(0, cells), shape),
                OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, owner._mask.AsMemory(0, cells), shape),
                OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, owner._types.AsMemory(0, cells), shape),
                owner.OutputValue(rows, width),
            ];
            Io = owner.CreateIo();
            Io.BindInput(EncoderSession.IdsInput, _values[0]);
            Io.BindInput(EncoderSession.MaskInput, _values[1]);
            if (owner.TakesTypes)
            {
                Io.BindInput(EncoderSession.TypesInput, _values[2]);
            }

            Io.BindOutput(owner.OutputName, _values[3]);
        }

        public OrtIoBinding Io { get; }

        public void Dispose()
        {
            Io.Dispose();
            foreach (OrtValue value in _values)
            {
                value.Dispose();
            }
        }
    }

    private string OutputName => outputName;

    private bool TakesTypes => takesTypes;

    private OrtIoBinding CreateIo() => session.CreateIoBinding();

    private OrtValue OutputValue(int rows, int width) => outputPerCell == 0
        ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _output.AsMemory(0, rows), [rows])
        : OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _output.AsMemory(0, rows * width * outputPerCell), [rows, width, outputPerCell]);
}
