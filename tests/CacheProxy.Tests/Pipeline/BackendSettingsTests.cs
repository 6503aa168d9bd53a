using CacheProxy.Forward.Backend;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server;
using CacheProxy.Inference.Tiers;
using CacheProxy.Pipeline;

namespace CacheProxy.Tests.Pipeline;

public class BackendSettingsTests
{
    [Fact]
    public void Defaults_AreTheStandAloneBackends_WithSomeMemoryForEvictedBlocks()
    {
        InferenceServerOptions options = BackendSettings.ToServerOptions(new BackendOptions(), "folder");

        Assert.Equal(
            new InferenceServerOptions { ModelsFolder = "folder", Cache = new KvCacheOptions { Tiers = new KvTierOptions { RamBytes = 256 << 20 } } }, options);
    }

    [Fact]
    public void EverySetting_ReachesTheEngine()
    {
        InferenceServerOptions options = BackendSettings.ToServerOptions(
            new BackendOptions
            {
                Url = "http://127.0.0.1:1",
                Model = "m.gguf",
                ModelName = "mine",
                Device = BackendDevice.Cuda,
                Threads = 3,
                MaxRunning = 4,
                MaxWaiting = 5,
                MaxWaitingPerTenant = 2,
                SpeculativeTokens = 0,
                KvBlocks = 6,
                KvDataType = BackendKvDataType.Int8,
                KvWindow = 512,
                KvSinks = 32,
                KvRamMegabytes = 7,
                KvDiskMegabytes = 8,
                KvDiskPath = "there",
            },
            "folder");

        Assert.Equal(
            new InferenceServerOptions
            {
                Url = "http://127.0.0.1:1",
                ModelsFolder = "folder",
                ModelPath = "m.gguf",
                ModelName = "mine",
                Scheduling = new SchedulingOptions { MaxRunning = 4, MaxWaiting = 5, MaxWaitingPerTenant = 2, SpeculativeTokens = 0 },
                Runner = new ModelRunnerOptions
                {
                    Device = ModelDevice.Cuda,
                    Threads = 3,
                    BlockCount = 6,
                    KvDataType = KvDataType.Int8,
                    Eviction = new ContextEviction(32, 512),
                },
                Cache = new KvCacheOptions { Tiers = new KvTierOptions { RamBytes = 7 << 20, DiskBytes = 8 << 20, DiskPath = "there" } },
            },
            options);
    }

    [Theory]
    [InlineData(BackendDevice.Auto, ModelDevice.Auto)]
    [InlineData(BackendDevice.Cpu, ModelDevice.Cpu)]
    [InlineData(BackendDevice.Cuda, ModelDevice.Cuda)]
    public void Device_IsTheEngines(BackendDevice device, ModelDevice expected)
        => Assert.Equal(expected, BackendSettings.ToServerOptions(new BackendOptions { Device = device }, "folder").Runner.Device);
}
