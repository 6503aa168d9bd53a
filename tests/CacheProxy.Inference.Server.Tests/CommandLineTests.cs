using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Server.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void TryParse_EveryArgument_IsTaken()
    {
        Assert.True(CommandLine.TryParse(
            ["--model", "m.gguf", "--name", "mine", "--models", "folder", "--url", "http://0.0.0.0:1", "--max-running", "2", "--max-waiting", "3", "--kv-blocks", "4", "--threads", "5",
                "--max-waiting-per-tenant", "2", "--speculate", "0", "--device", "cuda",
                "--kv-ram-mb", "6", "--kv-disk-mb", "7", "--kv-disk-path", "there"],
            "http://ignored:1", out InferenceServerOptions? options, out _));
        Assert.Equal(("m.gguf", "mine", "folder", "http://0.0.0.0:1"), (options.ModelPath, options.ModelName, options.ModelsFolder, options.Url));
        Assert.Equal(ModelDevice.Cuda, options.Runner.Device);
        Assert.Equal((2, 0), (options.Scheduling.MaxWaitingPerTenant, options.Scheduling.SpeculativeTokens));
        Assert.Equal((2, 3, 4, 5), (options.Scheduling.MaxRunning, options.Scheduling.MaxWaiting, options.Runner.BlockCount, options.Runner.Threads));
        Assert.Equal(new KvTierOptions { RamBytes = 6 << 20, DiskBytes = 7 << 20, DiskPath = "there" }, options.Cache.Tiers);
    }

    [Fact]
    public void TryParse_KvArguments_ReachTheRunner()
    {
        Assert.True(CommandLine.TryParse(["--kv-dtype", "int8", "--kv-window", "512", "--kv-sinks", "32"], null, out InferenceServerOptions? options, out _));
        Assert.Equal((KvDataType.Int8, new ContextEviction(32, 512)), (options.Runner.KvDataType, options.Runner.Eviction));
        Assert.True(CommandLine.TryParse(["--kv-dtype", "float32"], null, out options, out _));
        Assert.Equal((KvDataType.Float32, null), (options.Runner.KvDataType, options.Runner.Eviction));
    }

    [Fact]
    public void TryParse_Nothing_FindsTheBundledModelsAndTheUrlOfTheEnvironment()
    {
        Assert.True(CommandLine.TryParse([], "http://127.0.0.1:9", out InferenceServerOptions? options, out _));
        Assert.Equal("http://127.0.0.1:9", options.Url);
        Assert.True(File.Exists(Path.Combine(options.ModelsFolder, "models.json")));
        Assert.True(CommandLine.TryParse([], null, out options, out _));
        Assert.Equal("http://127.0.0.1:8081", options.Url);
    }

    [Theory]
    [InlineData(true, "--help")]
    [InlineData(true, "--kv-blocks", "3", "-h")]
    [InlineData(false, "--name", "help")]
    public void WantsHelp_WhereverItStands_IsSeen(bool expected, params string[] arguments) => Assert.Equal(expected, CommandLine.WantsHelp(arguments));

    [Theory]
    [InlineData("--model needs a value.", "--model")]
    [InlineData("--kv-dtype is float32 or int8, not 'fp8'.", "--kv-dtype", "fp8")]
    [InlineData("--kv-window is a whole number from 1, not 'all'.", "--kv-window", "all")]
    [InlineData("Unknown argument --port.", "--port", "1")]
    [InlineData("--threads is a whole number from 1, not '0'.", "--threads", "0")]
    [InlineData("--speculate is a whole number from 0 to 64, not '65'.", "--speculate", "65")]
    [InlineData("--device is auto or cpu or cuda, not 'gpu'.", "--device", "gpu")]
    [InlineData("--kv-disk-mb needs --kv-disk-path.", "--kv-disk-mb", "5")]
    [InlineData("--kv-disk-path needs --kv-disk-mb.", "--kv-disk-path", "there")]
    [InlineData("--kv-sinks needs --kv-window.", "--kv-sinks", "32")]
    [InlineData("--name needs --model.", "--name", "mine")]
    [InlineData("--kv-blocks is a whole number from 1, not '-5'.", "--kv-blocks", "-5")]
    public void TryParse_WrongArgument_IsNamed(string expected, params string[] arguments)
    {
        Assert.False(CommandLine.TryParse(arguments, null, out InferenceServerOptions? options, out string? error));
        Assert.Null(options);
        Assert.Equal(expected, error);
    }
}
