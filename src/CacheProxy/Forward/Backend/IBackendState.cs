namespace CacheProxy.Forward.Backend;

/// <summary>The backend inside this process.</summary>
public interface IBackendState
{
    /// <summary>A miss can be answered; true also where there is none.</summary>
    bool IsReady { get; }
}
