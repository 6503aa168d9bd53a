using CacheProxy.Inference.Execution.Operators;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Graph;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Inference.Tests.Execution.Device;

public sealed class DeviceGraphTests
{
    /// <summary>
    /// The library knows PagedAttention's schema without having its kernel: types, attributes and inputs of the whole float16 graph
    /// pass the runtime's own checks, and only then it wraps what its CPU lacks in casts and finds nothing to cast this operator to.
    /// </summary>
    [Theory]
    [InlineData("llama-gqa-f16.gguf")]
    [InlineData("llama-gqa-h64-q4_1.gguf")]
    public void Build_ForACard_PassesTheRuntimesOwnSchemas(string model)
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path(model));
        using ModelGraph graph = DecoderGraph.BuildForDevice(file, DecoderConfigReader.Read(file), OnnxType.Float16, "com.microsoft");
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        OrtKernelApi.AddFilesInMemory(options.DangerousGetHandle(), graph.Initializers);

        string message = Assert.Throws<OnnxRuntimeException>(() => new InferenceSession(graph.Model, options)).Message;

        Assert.Matches(@"input parameter \(InsertedPrecisionFreeCast_[^)]*\) of operator \(PagedAttention\)", message);
    }
}
