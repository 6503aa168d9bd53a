using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CacheProxy.Inference.Execution;

/// <summary>
/// The buffers that steps read and write, and their views for each shape that has occurred, so that a step of a known shape
/// allocates nothing.
/// </summary>
internal sealed unsafe class StepBindings : IDisposable
{
    /// <summary>Shapes kept; the few of steady decoding come back at once after a clean-out.</summary>
    private const int MaxShapes = 256;

    private readonly Dictionary<(int Tokens, int Rows), OrtIoBinding> _bindings = [];
    private readonly InferenceSession _session;
    private readonly DecoderConfig _config;

    public StepBindings(InferenceSession session, DecoderConfig config, int maxTokens)
    {
        _session = session;
        _config = config;
        Hidden = new NativeBuffer((long)maxTokens * config.Width * sizeof(float));
        LogitRows = new NativeBuffer((long)maxTokens * sizeof(long));
        Logits = new NativeBuffer((long)maxTokens * config.Vocabulary * sizeof(float));
    }

    /// <summary>[tokens, width] floats.</summary>
    public NativeBuffer Hidden { get; }

    /// <summary>[rows] int64.</summary>
    public NativeBuffer LogitRows { get; }

    /// <summary>[rows, vocabulary] floats; committed as far as rows are asked for.</summary>
    public NativeBuffer Logits { get; }

    public OrtIoBinding Find(int tokens, int rows)
    {
        if (!_bindings.TryGetValue((tokens, rows), out OrtIoBinding? binding))
        {
            if (_bindings.Count == MaxShapes)
            {
                Clear();
            }

            binding = Bind(tokens, rows);
            _bindings.Add((tokens, rows), binding);
        }

        return binding;
    }

    public void Dispose()
    {
        Clear();
        Hidden.Dispose();
        LogitRows.Dispose();
        Logits.Dispose();
    }

    private OrtIoBinding Bind(int tokens, int rows)
    {
        OrtIoBinding binding = _session.CreateIoBinding();
        using OrtValue hidden = View(Hidden, TensorElementType.Float, sizeof(float), tokens, _config.Width);
        using OrtValue logitRows = View(LogitRows, TensorElementType.Int64, sizeof(long), rows);
        using OrtValue logits = View(Logits, TensorElementType.Float, sizeof(float), rows, _config.Vocabulary);
        binding.BindInput(ModelGraph.Hidden, hidden);
        binding.BindInput(ModelGraph.LogitRows, logitRows);
        binding.BindOutput(ModelGraph.Logits, logits);
        return binding;
    }

    private static OrtValue View(NativeBuffer buffer, TensorElementType type, int elementBytes, params long[] shape) =>
        OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, (nint)buffer.Bytes, shape.Aggregate((a, b) => a * b) * elementBytes);

    private void Clear()
    {
        foreach (OrtIoBinding binding in _bindings.Values)
        {
            binding.Dispose();
        }

        _bindings.Clear();
    }
}
