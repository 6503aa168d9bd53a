using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>The bundled model, loaded once for all tests of the collection.</summary>
public sealed class BundledRunner : IDisposable
{
    private readonly GgufFile _file = GgufFile.Open(BundledModel.Path);

    public BundledRunner() => Runner = OnnxModelRunner.Load(_file, new ModelRunnerOptions { BlockCount = 512 });

    public OnnxModelRunner Runner { get; }

    public void Dispose()
    {
        Runner.Dispose();
        _file.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class BundledRunnerCollection : ICollectionFixture<BundledRunner>
{
    public const string Name = "bundled model";
}
