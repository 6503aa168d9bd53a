namespace CacheProxy.EndToEnd.Tests.Support;

/// <summary>The programs that clients talk to in these tests.</summary>
public enum Server
{
    /// <summary>The backend alone with the bundled models.</summary>
    Backend,

    /// <summary>The whole product in one process.</summary>
    Proxy,

    /// <summary>A backend with a model that knows tools.</summary>
    ToolBackend,

    /// <summary>A proxy as a process of its own in front of that.</summary>
    ToolProxy,
}
