using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Models;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Server.Tests.Models;

public sealed class ModelLoaderTests
{
    [Fact]
    public async Task Start_ModelFileDamaged_NamesItAndTheHashExpected()
    {
        using var folder = new CopiedManifest();
        await using InferenceHost host = await InferenceHost.StartAsync(
            new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = folder.Path }, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        ModelFileException failure = await Assert.ThrowsAsync<ModelFileException>(() => host.Ready);
        Assert.Contains("SmolLM2-135M-Instruct.Q4_1.gguf", failure.Message, StringComparison.Ordinal);
        Assert.Contains("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_NoManifest_NamesIt()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using InferenceHost host = await InferenceHost.StartAsync(
            new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = folder }, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains(folder, (await Assert.ThrowsAsync<ModelFileException>(() => host.Ready)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FileThatIsNoModel_NamesIt()
    {
        string path = Repository.File("README.md");
        var options = new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = Repository.File("config", "models"), ModelPath = path, VerifyModels = false };
        await using InferenceHost host = await InferenceHost.StartAsync(options, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        Assert.Contains(path, (await Assert.ThrowsAsync<ModelFormatException>(() => host.Ready)).Message, StringComparison.Ordinal);
    }

    /// <summary>The real manifest beside a chat model that was cut short.</summary>
    private sealed class CopiedManifest : IDisposable
    {
        public CopiedManifest()
        {
            foreach (string file in Directory.EnumerateFiles(Repository.File("config", "models"), "*", SearchOption.AllDirectories))
            {
                string copy = System.IO.Path.Combine(Path, System.IO.Path.GetRelativePath(Repository.File("config", "models"), file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
                if (file.EndsWith(".gguf", StringComparison.Ordinal))
                {
                    File.WriteAllBytes(copy, new byte[1000]);
                }
                else
                {
                    File.CreateSymbolicLink(copy, file);
                }
            }
        }

        public string Path { get; } = Directory.CreateTempSubdirectory("cacheproxy-models-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
