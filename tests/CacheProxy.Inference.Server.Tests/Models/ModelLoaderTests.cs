using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Weights;
using CacheProxy.Onnx.Models;
using CacheProxy.TestKit;
using Microsoft.Extensions.Logging;
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

    [Fact]
    public async Task Start_ModelFolder_ServesItUnderItsName()
    {
        string path = Repository.File("tests", "CacheProxy.Inference.Tests", "Fixtures", "mistral-swa");
        var options = new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = "none", ModelPath = path, Runner = new ModelRunnerOptions { BlockCount = 32 } };
        await using InferenceHost host = await InferenceHost.StartAsync(options, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        await host.Ready;
        using var client = new HttpClient { BaseAddress = host.Address };
        JsonObject body = new()
        {
            ["model"] = "mistral-swa",
            ["max_tokens"] = 4,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "play some jazz" }),
        };
        using HttpResponseMessage response = await client.PostAsJsonAsync("/v1/chat/completions", body, TestContext.Current.CancellationToken);
        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("mistral-swa", (string?)answer["model"]);
        Assert.Matches("^fp_[0-9a-f]{12}$", (string?)answer["system_fingerprint"]);
        Assert.InRange((int)answer["usage"]!["completion_tokens"]!, 1, 4);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(64, false)]
    public async Task Start_PoolSmallerThanTheContext_SaysSo(int blocks, bool isSaid)
    {
        using var log = new LineLog();
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        string path = Repository.File("tests", "CacheProxy.Inference.Tests", "Fixtures", "mistral-swa");
        var options = new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = "none", ModelPath = path, Runner = new ModelRunnerOptions { Device = ModelDevice.Cpu, BlockCount = blocks } };

        await using InferenceHost host = await InferenceHost.StartAsync(options, loggers, cancellation: TestContext.Current.CancellationToken);
        await host.Ready;

        Assert.Equal(isSaid, log.Lines.Any(line => line.Contains("mistral-swa takes 512 tokens", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Start_FolderWithoutConfig_NamesWhatIsMissing()
    {
        var options = new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = "none", ModelPath = Repository.File("docker") };
        await using InferenceHost host = await InferenceHost.StartAsync(options, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        ModelFormatException error = await Assert.ThrowsAsync<ModelFormatException>(() => host.Ready);
        Assert.Equal((Repository.File("docker"), "config.json"), (error.File, error.Field));
    }

    private sealed class LineLog : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
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
