using CacheProxy.Onnx.Sessions;
using CacheProxy.Onnx.Tests.Support;
using Microsoft.ML.OnnxRuntime;

namespace CacheProxy.Onnx.Tests.Sessions;

public sealed class OnnxSessionFactoryTests
{
    [Fact]
    public void RuntimeVersion_IsThePinnedOne() => Assert.Equal("1.29.0", OnnxSessionFactory.RuntimeVersion);

    [Fact]
    public void Load_Cpu_HasNoFallback()
    {
        var sut = new OnnxSessionFactory(new OnnxSessionSettings());
        using InferenceSession session = sut.Load(BundledModels.Folder("all-minilm-l6-v2", "model_int8.onnx"));
        Assert.Equal(ExecutionProvider.Cpu, sut.Provider);
        Assert.Null(sut.FallbackReason);
    }

    [Fact]
    public void Load_CudaAskedFor_RunsSomewhereAndSaysWhere()
    {
        var sut = new OnnxSessionFactory(new OnnxSessionSettings { Provider = ExecutionProvider.Cuda });
        using InferenceSession session = sut.Load(BundledModels.Folder("all-minilm-l6-v2", "model_int8.onnx"));
        Assert.NotEmpty(session.InputMetadata);
        Assert.Equal(sut.FallbackReason is null ? ExecutionProvider.Cuda : ExecutionProvider.Cpu, sut.Provider);
    }

    [Fact]
    public void Load_NotAModel_Throws()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("broken.onnx", "not a model");
        Assert.Throws<OnnxRuntimeException>(() => BundledModels.Factory.Load(path));
    }

    [Fact]
    public void Constructor_NegativeThreads_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnnxSessionFactory(new OnnxSessionSettings { IntraOpThreads = -1 }));
}
