using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Tiers;

/// <summary>What the tiers log.</summary>
internal static partial class TierLog
{
    [LoggerMessage(1210, LogLevel.Information, "The KV disk tier in {Folder} holds {Blocks} blocks from before", EventName = "TierRestored")]
    public static partial void Restored(ILogger logger, int blocks, string folder);

    [LoggerMessage(1211, LogLevel.Warning, "The KV disk tier in {Folder} is off: {Cause}", EventName = "TierUnusable")]
    public static partial void DiskUnusable(ILogger logger, string folder, string cause);

    [LoggerMessage(1212, LogLevel.Warning, "The KV disk tier takes no more blocks: {Cause}", EventName = "TierFailed")]
    public static partial void DiskFailed(ILogger logger, string cause);

    [LoggerMessage(1213, LogLevel.Debug, "A KV block on disk was not as it should be; its tokens are computed again", EventName = "TierBlockDamaged")]
    public static partial void BlockDamaged(ILogger logger);

    [LoggerMessage(1214, LogLevel.Debug, "A KV block could not be read from the pool", EventName = "TierBlockUnreadable")]
    public static partial void BlockUnreadable(ILogger logger, Exception cause);
}
