namespace CacheProxy.Storage;

/// <summary>
/// Keeps the data folder for one proxy: what another invalidates there this one would go on serving from memory, and either would write over the other's
/// budgets and epochs. The system gives it up when the process ends, however that comes.
/// </summary>
/// <param name="folder">The data folder.</param>
public sealed partial class FolderLock(string folder, ILogger<FolderLock> logger) : IHostedService, IDisposable
{
    private const string FileName = "proxy.lock";
    private const int Tries = 20;

    // EWOULDBLOCK twice, and ERROR_SHARING_VIOLATION.
    private const int TakenOnLinux = 11, TakenOnMac = 35, TakenOnWindows = 32;

    // For a predecessor that is just stopping.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private FileStream? _file;

    /// <exception cref="IOException">Another proxy has the folder.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, FileName);
        for (int tries = 1; _file is null; tries++)
        {
            try
            {
                _file = OwnerOnly.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if ((exception.HResult & 0xFFFF) is not (TakenOnLinux or TakenOnMac or TakenOnWindows))
                {
                    // Where nothing can be written, nobody can write over anything.
                    Log.NotLocked(logger, folder, exception.Message);
                    return;
                }

                if (tries == Tries)
                {
                    throw new IOException($"Another proxy uses the folder {folder}. Give each proxy a Data:Path of its own.", exception);
                }

                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Last of all: until then files are written.</summary>
    public void Dispose() => _file?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(926, LogLevel.Warning, "{Folder} cannot be kept for this proxy alone: {Reason}", EventName = "FolderNotLocked")]
        public static partial void NotLocked(ILogger logger, string folder, string reason);
    }
}
