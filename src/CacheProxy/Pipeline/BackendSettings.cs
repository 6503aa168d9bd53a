using CacheProxy.Forward.Backend;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Pipeline;

/// <summary>From the settings file's section to the embedded backend's own options: what the stand-alone backend's arguments set.</summary>
internal static class BackendSettings
{
    public static InferenceServerOptions ToServerOptions(BackendOptions settings, string modelsFolder) => new()
    {
        Url = settings.Url,
        ModelsFolder = modelsFolder,
        ModelPath = NullIfEmpty(settings.Model),
        ModelName = NullIfEmpty(settings.ModelName),
        DefaultMaxTokens = settings.DefaultMaxTokens,
        Scheduling = new SchedulingOptions
        {
            MaxRunning = settings.MaxRunning,
            MaxWaiting = settings.MaxWaiting,
            MaxWaitingPerTenant = settings.MaxWaitingPerTenant,
            SpeculativeTokens = settings.SpeculativeTokens,
        },
        Runner = new ModelRunnerOptions
        {
            Device = DeviceOf(settings.Device),
            Threads = settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount,
            BlockCount = settings.KvBlocks,
            KvDataType = settings.KvDataType == BackendKvDataType.Int8 ? KvDataType.Int8 : KvDataType.Float32,
            Eviction = settings.KvWindow > 0 ? new ContextEviction(settings.KvSinks, settings.KvWindow) : null,
        },
        Cache = new KvCacheOptions
        {
            Tiers = new KvTierOptions
            {
                RamBytes = (long)settings.KvRamMegabytes << 20,
                DiskBytes = (long)settings.KvDiskMegabytes << 20,
                DiskPath = NullIfEmpty(settings.KvDiskPath),
            },
        },
    };

    private static ModelDevice DeviceOf(BackendDevice device) => device switch
    {
        BackendDevice.Cpu => ModelDevice.Cpu,
        BackendDevice.Cuda => ModelDevice.Cuda,
        _ => ModelDevice.Auto,
    };

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
