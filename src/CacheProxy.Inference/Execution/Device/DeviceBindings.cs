using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CacheProxy.Inference.Execution.Device;

/// <summary>
/// Views of a runner's device memory for each step shape, with the run options that belong to it. Decoding shapes are few and stay:
/// where the device records launches, each has a graph id, and a recorded launch is bound to these very addresses.
/// </summary>
internal sealed unsafe class DeviceBindings : IDisposable
{
    /// <summary>Exact shapes of steps with prompts, of which there is no end.</summary>
    private const int MaxPromptShapes = 64;

    private readonly Dictionary<StepShape, Entry> _decode = [];
    private readonly Dictionary<StepShape, Entry> _prompt = [];
    private readonly InferenceSession _session;
    private readonly IDevice _device;
    private readonly StepInputs _inputs;
    private readonly DeviceKvPool _pool;
    private readonly int _layers;
    private readonly int _vocabulary;
    private readonly DeviceBuffer _logits;

    public DeviceBindings(InferenceSession session, IDevice device, StepInputs inputs, DeviceKvPool pool, int layers, int vocabulary)
    {
        (_session, _device, _inputs, _pool, _layers, _vocabulary) = (session, device, inputs, pool, layers, vocabulary);
        _logits = new DeviceBuffer(device, (long)inputs.MaxTokens * vocabulary * sizeof(float));
    }

    /// <summary>Device address of the logits, [rows, vocabulary] floats.</summary>
    public nint Logits => _logits.Address;

    public Entry Find(in StepShape shape)
    {
        Dictionary<StepShape, Entry> entries = shape.Decode ? _decode : _prompt;
        if (!entries.TryGetValue(shape, out Entry? entry))
        {
            if (entries == _prompt && entries.Count == MaxPromptShapes)
            {
                Clear(_prompt);
            }

            // -1 tells the runtime to run as if nothing were recorded.
            int graph = shape.Decode ? _decode.Count + 1 : -1;
            OrtValue bounds = OrtValue.CreateTensorValueFromMemory(new[] { shape.MaxQuery, shape.MaxKeys }, [2]);
            entry = new Entry(Bind(shape, bounds), bounds, _device.CapturesGraphs ? graph : null);
            entries.Add(shape, entry);
        }

        return entry;
    }

    public void Dispose()
    {
        Clear(_decode);
        Clear(_prompt);
        _logits.Dispose();
    }

    private OrtIoBinding Bind(StepShape shape, OrtValue bounds)
    {
        OrtIoBinding binding = _session.CreateIoBinding();
        Input(DeviceInputs.Tokens, TensorElementType.Int64, sizeof(long), _inputs.Tokens, shape.Tokens);
        Input(ModelGraph.LogitRows, TensorElementType.Int64, sizeof(long), _inputs.LogitRows, shape.LogitRows);
        Input(DeviceInputs.CumulativeLengths, TensorElementType.Int32, sizeof(int), _inputs.CumulativeLengths, shape.Sequences + 1);
        Input(DeviceInputs.PastLengths, TensorElementType.Int32, sizeof(int), _inputs.PastLengths, shape.Sequences);
        Input(DeviceInputs.BlockTable, TensorElementType.Int32, sizeof(int), _inputs.BlockTable, shape.Sequences, shape.TableWidth);
        Input(DeviceInputs.Slots, TensorElementType.Int32, sizeof(int), _inputs.Slots, shape.Tokens);
        binding.BindInput(DeviceInputs.Bounds, bounds);
        using (OrtValue logits = View(TensorElementType.Float, sizeof(float), Logits, shape.LogitRows, _vocabulary))
        {
            binding.BindOutput(ModelGraph.Logits, logits);
        }

        for (int layer = 0; layer < _layers; layer++)
        {
            Cache(DeviceInputs.Keys(layer), DeviceInputs.KeysOut(layer), _pool.Keys(layer));
            Cache(DeviceInputs.Values(layer), DeviceInputs.ValuesOut(layer), _pool.Values(layer));
        }

        return binding;

        void Input(string name, TensorElementType type, int size, nint address, params long[] dimensions)
        {
            using OrtValue value = View(type, size, address, dimensions);
            binding.BindInput(name, value);
        }

        // One buffer on both sides: the operator updates it in place.
        void Cache(string input, string output, nint address)
        {
            (TensorElementType type, int size) = _device.ElementType == OnnxType.Float ? (TensorElementType.Float, 4) : (TensorElementType.Float16, 2);
            using OrtValue value = View(type, size, address, _pool.Shape);
            binding.BindInput(input, value);
            binding.BindOutput(output, value);
        }
    }

    private OrtValue View(TensorElementType type, int elementBytes, nint address, params long[] shape) =>
        OrtValue.CreateTensorValueWithData(_device.Memory, type, shape, address, shape.Aggregate((a, b) => a * b) * elementBytes);

    private static void Clear(Dictionary<StepShape, Entry> entries)
    {
        foreach (Entry entry in entries.Values)
        {
            entry.Dispose();
        }

        entries.Clear();
    }

    /// <summary>What a step of one shape is run with.</summary>
    public sealed class Entry : IDisposable
    {
        private readonly OrtValue _bounds;

        /// <param name="binding">Becomes the entry's.</param>
        /// <param name="bounds">Becomes the entry's: it pins managed memory that the binding only points at.</param>
        /// <param name="graph">Id of the recorded launch; null: the device records none.</param>
        public Entry(OrtIoBinding binding, OrtValue bounds, int? graph)
        {
            (Binding, _bounds) = (binding, bounds);
            if (graph is { } id)
            {
                Options.AddRunConfigEntry("gpu_graph_id", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        public OrtIoBinding Binding { get; }

        public RunOptions Options { get; } = new();

        public void Dispose()
        {
            Binding.Dispose();
            Options.Dispose();
            _bounds.Dispose();
        }
    }
}
