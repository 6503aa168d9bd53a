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

    /// <exception cref="IOException">Another proxy has the folder, or it cannot be made.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Make();
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
                    // Where nothing can be written, nobody can write over anything; a disk that is full or read-only now may not be so later.
                    Log.NotWritable(logger, folder, exception.Message);
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

    // It is where no folder can be: a wrong setting, which no waiting puts right.
    private void Make()
    {
        try
        {
            OwnerOnly.CreateFolder(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Data:Path {folder} cannot be made ({exception.Message}). Name a folder that the proxy may write to.", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(926, LogLevel.Warning, "Data:Path {Folder} cannot be written ({Reason}): what is cached and counted stays in memory", EventName = "FolderNotWritable")]
        public static partial void NotWritable(ILogger logger, string folder, string reason);
    }
}
