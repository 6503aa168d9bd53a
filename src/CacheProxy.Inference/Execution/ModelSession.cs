using System.Globalization;
using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Execution;

/// <summary>Opens a session over a graph whose weights lie in this process's memory.</summary>
internal static class ModelSession
{
    public static InferenceSession Open(ModelGraph graph, ModelRunnerOptions options, Operators.OperatorDomain operators)
    {
        using var session = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
        };
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", options.SpinMicroseconds > 0 ? "1" : "0");
        if (options.SpinMicroseconds > 0)
        {
            session.AddSessionConfigEntry("session.intra_op.spin_duration_us", options.SpinMicroseconds.ToString(CultureInfo.InvariantCulture));
        }

        operators.AddTo(session);
        var weights = graph.Initializers.Select(ToValue).ToList();
        try
        {
            foreach ((OnnxInitializer initializer, OrtValue value) in graph.Initializers.Zip(weights))
            {
                session.AddInitializer(initializer.Name, value);
            }

            return OpenFromFolder(graph.Model, session);
        }
        finally
        {
            // The session holds the values it uses; these are only our handles to them.
            weights.ForEach(value => value.Dispose());
        }
    }

    /// <summary>Constants supplied from memory must still be declared as lying in an existing file beside the model, so both get a folder.</summary>
    private static InferenceSession OpenFromFolder(byte[] model, SessionOptions session)
    {
        string folder = Directory.CreateTempSubdirectory("cacheproxy-model-").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            File.WriteAllBytes(path, model);
            File.WriteAllBytes(Path.Combine(folder, ModelGraph.Placeholder), [0]);
            return new InferenceSession(path, session);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OrtValue ToValue(OnnxInitializer initializer) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance,
        initializer.Type switch
        {
            OnnxType.UInt8 => Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8,
            OnnxType.Int64 => Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64,
            _ => Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float,
        },
        initializer.Shape,
        initializer.Data.DangerousGetHandle(),
        initializer.Data.ByteLength);
}
