namespace CacheProxy.Pipeline;

/// <summary>What the program says about itself as a whole.</summary>
internal static partial class StartLog
{
    [LoggerMessage(31, LogLevel.Information, "CacheProxy listens on {Addresses}", EventName = "Listening")]
    public static partial void Listening(ILogger logger, string addresses);

    [LoggerMessage(32, LogLevel.Warning, "The changed {Path} is not used, the last good one stays: {Reason}", EventName = "FileRejected")]
    public static partial void FileRejected(ILogger logger, string path, string reason);
}
